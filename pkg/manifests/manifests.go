// Package manifests turns the maintenance section of the config.json that UCore FS users have into MaintenanceSchedules.
//
// The conversion is pure: bytes in, schedules and errors out; only Flags reads a file. It must not guess: a key that it does not
// know, a value of another type or a parameter of another task is an error that names its path in the file, since a meaning that
// is dropped in silence would be found out when the cache is full. What lies outside "maintenance" belongs to the application and
// is not looked at.
package manifests

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
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

// Convert is the schedules of a config.json, in the order in which the file has them, and everything that is wrong with it. A
// schedule with an error does not come out; the others do.
func Convert(config []byte, o Options) ([]Manifest, error) {
	file, err := parseFile(config)
	if err != nil {
		return nil, err
	}
	c := &converter{options: o, names: map[string]string{}}
	section := c.section(file)
	if section == nil {
		return nil, errors.Join(c.errs...)
	}
	c.readGeneral(section)
	for _, name := range section.member("schedule").keys {
		c.convert(section.member("schedule"), name)
	}
	section.refuseOthers("enabled", "use_idle_detection", "idle_threshold_minutes", "schedule")
	return c.manifests, errors.Join(c.errs...)
}

// converter is one conversion under way.
type converter struct {
	options   Options
	enabled   bool
	idle      *Idle             // of schedules that wait for it; nil: none waits
	names     map[string]string // of resources, with the schedule that took it
	manifests []Manifest
	errs      []error
}

func (c *converter) fail(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: "+format, append([]any{path}, args...)...))
}

func (c *converter) section(file *object) *reader {
	if _, ok := file.values["maintenance"]; !ok {
		c.fail("maintenance", "the file has no such section: is it the config.json of UCore FS?")
		return nil
	}
	r := (&reader{object: file, c: c}).member("maintenance")
	if len(r.keys) == 0 {
		return nil
	}
	if _, ok := r.values["schedule"]; !ok {
		c.fail("maintenance.schedule", "there are no schedules: write one member for each, such as \"cache_cleanup\": {\"interval_hours\": 6}")
	}
	return r
}

func (c *converter) readGeneral(r *reader) {
	c.enabled = r.boolean("enabled", true)
	threshold := r.duration("idle_threshold_minutes", time.Minute, 5*time.Minute)
	if r.boolean("use_idle_detection", true) {
		c.idle = &Idle{Threshold: text(threshold)}
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
	s := &m.Spec
	s.Task = task.Name
	s.Suspend = !r.boolean("enabled", true) || !c.enabled
	period := r.interval()
	s.Interval = text(period)
	c.readStart(r, s, period)
	if r.boolean("run_on_idle_only", false) {
		s.Idle = c.idle
	}
	readParameters(r, s, task.Name)
	r.refuseOthers("enabled", "handler", "interval_minutes", "interval_hours", "interval_days", "initial_delay_seconds", "preferred_hour",
		"run_on_idle_only", "max_cache_size_gb", "max_age_days", "max_log_files", "max_log_size_mb")
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
		c.fail(at, "unknown handler %q: did you mean %q? `maint-job list` shows the tasks", handler, unknown.Nearest)
	case errors.As(err, &unknown):
		c.fail(at, "it has no handler, and its name is no task's: write a handler, such as %q; `maint-job list` shows the tasks", unknown.Nearest)
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
		c.fail(path, "the name cannot become a resource's: use at most %d letters, digits and underscores, the first and the last not an underscore", longestName)
	case taken:
		c.fail(path, "it would have the same resource name as %s, %q: rename one", other, as)
	}
	c.names[as] = path
	return as
}

var resourceNames = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// readStart reads when within its period a schedule runs, and how long after its creation first.
func (c *converter) readStart(r *reader, s *Spec, period time.Duration) {
	if delay := r.duration("initial_delay_seconds", time.Second, 0); delay > 0 {
		s.InitialDelay = text(delay)
	}
	hour, given := r.whole("preferred_hour", 0, 23)
	if !given {
		return
	}
	const day = 24 * time.Hour
	if period%time.Hour != 0 || period == 0 || day%period != 0 {
		if period > 0 {
			c.fail(r.path+".preferred_hour", "it needs an interval that divides the day (1, 2, 3, 4, 6, 8, 12 or 24 hours), and this one is %s", text(period))
		}
		return
	}
	s.PreferredHour, s.TimeZone = &hour, c.options.TimeZone
}

// readParameters reads what belongs to one task only.
func readParameters(r *reader, s *Spec, task string) {
	size := r.bytes("max_cache_size_gb", 1<<30)
	days, hasDays := r.whole("max_age_days", 0, 36500)
	if r.belong(jobspec.CacheCleanup, task, "max_cache_size_gb", "max_age_days") {
		s.CacheCleanup = &CacheCleanup{MaxSize: size, MaxAgeDays: optional(days, hasDays)}
	}
	logSize := r.bytes("max_log_size_mb", 1<<20)
	files, hasFiles := r.whole("max_log_files", 1, 1<<31-1)
	if r.belong(jobspec.LogRotation, task, "max_log_files", "max_log_size_mb") {
		s.LogRotation = &LogRotation{MaxSize: logSize, MaxFiles: optional(files, hasFiles)}
	}
}

func optional(n int, given bool) *int {
	if !given {
		return nil
	}
	return &n
}

// belong tells whether the schedule has any of these parameters, and says where they would belong instead.
func (r *reader) belong(owner, task string, keys ...string) bool {
	has := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !r.has(key) })
	if task != owner && task != "" {
		for _, key := range has {
			r.c.fail(r.path+"."+key, "it is a parameter of %s, and this schedule runs %s: remove it", owner, task)
		}
		return false
	}
	return len(has) > 0
}
