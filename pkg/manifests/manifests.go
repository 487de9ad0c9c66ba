// Package manifests turns the config.json that UCore FS users have into MaintenanceSchedules.
//
// The conversion is pure: bytes in, schedules and errors out; only Flags reads a file. It must not guess: a key that it
// does not know, a value of another type or a parameter of another task is an error that names its path in the file,
// since a meaning that is dropped in silence would be found out when the cache is full. It reads the section
// "maintenance" and mongo.database_name; the rest of the file belongs to the application.
package manifests

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// Options are what a config.json does not say and a schedule needs. All may be left out: the chart has defaults for the
// database and the volumes.
type Options struct {
	Namespace string
	TimeZone  string // of preferred_hour; IANA name; empty: UTC
	DryRun    bool   // the schedules only plan and report
	Database  Database
	Volumes   []Volume // each schedule gets those that its task works on
}

// Convert is the schedules of a config.json, in the order in which the file has them, and everything that is wrong with
// it. A schedule with an error does not come out; the others do. A file without the section "maintenance" gives the
// application's own defaults, and one whose section only disables maintenance gives them suspended; Assumed tells so of
// each.
func Convert(config []byte, o Options) ([]Manifest, error) {
	file, err := parseFile(config)
	if err != nil {
		return nil, err
	}
	c := &converter{options: o, names: map[string]string{}}
	section := c.readFile(&reader{object: file, c: c})
	if len(c.errs) > 0 { // they concern every schedule
		return nil, errors.Join(c.errs...)
	}
	c.readGeneral(section)
	c.convertAll(section)
	section.refuseOthers(sectionMembers...)
	return c.manifests, errors.Join(c.errs...)
}

// converter is one conversion under way.
type converter struct {
	options   Options
	assumed   bool // the schedules are the application's default
	enabled   bool
	idle      *Idle             // of schedules that wait for it; nil: none waits
	names     map[string]string // of resources, with the schedule that took it
	manifests []Manifest
	errs      []error
}

func (c *converter) fail(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: "+format, append([]any{path}, args...)...))
}

func (c *converter) readGeneral(r *reader) {
	c.enabled = r.boolean("enabled", true)
	threshold := r.duration("idle_threshold_minutes", time.Minute, 5*time.Minute)
	if r.boolean("use_idle_detection", true) {
		c.idle = &Idle{Threshold: text(threshold)}
	}
}

// convertAll adds the schedules of the section; one that lists none is an error, since nothing would be maintained.
func (c *converter) convertAll(section *reader) {
	before := len(c.errs)
	schedules := section.member(schedulesName)
	for _, name := range schedules.keys {
		c.convert(schedules, name)
	}
	if len(schedules.keys) == 0 && len(c.errs) == before {
		c.fail(schedules.path, "there are no schedules in it: write one member for each, such as "+
			`"cache_cleanup": {"interval_hours": 6}, or remove %s for those that UCore FS has by default`, sectionName)
	}
}

// convert adds one schedule, if nothing is wrong with it.
func (c *converter) convert(schedules *reader, name string) {
	before := len(c.errs)
	r := schedules.member(name)
	if len(c.errs) > before {
		return
	}
	task := c.taskOf(r, name)
	m := newManifest(r.path, c.resourceName(r.path, name), c.options)
	m.assumed = c.assumed
	s := &m.Spec
	s.Task = task.Name
	s.Suspend = !r.boolean("enabled", true) || !c.enabled
	period := r.interval()
	s.Interval = text(period)
	c.readStart(r, s, period)
	if r.boolean("run_on_idle_only", false) {
		s.Idle = c.idle
	}
	r.readParameters(s, task)
	r.refuseOthers(append([]string{"enabled", "handler", "interval_minutes", "interval_hours", "interval_days",
		"initial_delay_seconds", "preferred_hour", "run_on_idle_only"}, configKeys()...)...)
	s.setResources(task, c.options)
	if len(c.errs) == before {
		c.manifests = append(c.manifests, m)
	}
}

// taskOf is the task that the handler names, else the one that the schedule's own name is an alias of.
func (c *converter) taskOf(r *reader, name string) jobspec.Task {
	at, handler, given := r.path, name, r.has("handler")
	if given {
		at = r.path + ".handler"
		if !r.read("handler", "a task's name in quotes", &handler) {
			return jobspec.Task{}
		}
	}
	task, err := jobspec.TaskByName(handler)
	var unknown *jobspec.UnknownTaskError
	switch {
	case errors.As(err, &unknown) && given:
		c.fail(at, "unknown handler %q: %s", handler, unknown.Hint())
	case errors.As(err, &unknown):
		c.fail(at, "it has no handler, and its name %q is no task's: %s", name, unknown.Hint())
	}
	return task
}

// longestName is what a CronJob's name may have: its Jobs' names get eleven characters more.
const longestName = 52

// resourceName is the schedule's name as Kubernetes takes it.
func (c *converter) resourceName(path, name string) string {
	as := strings.ToLower(strings.NewReplacer("_", "-", " ", "-").Replace(name))
	other, taken := c.names[as]
	switch {
	case len(as) > longestName || !resourceNames.MatchString(as):
		c.fail(path, "the name cannot become a resource's: use at most %d letters, digits and underscores, "+
			"the first and the last not an underscore", longestName)
	case taken:
		c.fail(path, "it would have the same resource name as %s, %q: rename one", other, as)
	}
	c.names[as] = path
	return as
}

var resourceNames = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
