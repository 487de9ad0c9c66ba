package manifests

import (
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// sectionMembers are the members of the section.
var sectionMembers = []string{"enabled", "use_idle_detection", "idle_threshold_minutes", schedulesName}

// sectionName is the part of a config.json that says what to maintain, and schedulesName its member with the schedules.
const (
	sectionName   = "maintenance"
	schedulesName = "schedule"
)

// defaultSection is what UCore FS schedules where its config.json has no such section: PeriodicTaskScheduler in
// src/core/scheduling/periodic_scheduler.py of the application.
const defaultSection = `{"schedule": {
	"background_verification": {"interval_minutes": 5},
	"database_optimization": {"interval_hours": 24, "initial_delay_seconds": 300},
	"cache_cleanup": {"interval_hours": 6},
	"orphaned_cleanup": {"interval_hours": 12},
	"log_rotation": {"interval_hours": 24},
	"database_cleanup": {"interval_days": 7}
}}`

// otherSections are the other parts of a config.json: AppConfig in src/core/config.py of the application.
var otherSections = []string{"general", "ai", "mongo", "ui", "library_path", "processing", "metadata", "thumbnail",
	"search", "similarity", "llm", "llm_workers"}

// readFile reads what concerns every schedule, and is the section.
func (c *converter) readFile(file *reader) *reader {
	section := c.section(file)
	if len(c.errs) == 0 && c.options.Database.Name == "" {
		c.readDatabase(file.member("mongo"))
	}
	return section
}

// section is the file's section, or the default one.
func (c *converter) section(file *reader) *reader {
	if !file.has(sectionName) {
		return c.assume(file)
	}
	r := file.member(sectionName)
	switch {
	case len(c.errs) > 0:
	case len(r.keys) == 0:
		c.fail(r.path, "there is nothing in it: write schedules, or remove it for those that UCore FS has by default")
	case !r.has(schedulesName) && !r.boolean("enabled", true) && !r.hasOthers(sectionMembers...):
		c.assumeSchedules(r)
	}
	return r
}

// assumeSchedules gives the default schedules to a section that only says that nothing is to run: they are suspended,
// and whoever resumes one has what UCore FS would run.
func (c *converter) assumeSchedules(section *reader) {
	defaults, err := parseObject(sectionName, []byte(defaultSection))
	if err != nil {
		c.errs = append(c.errs, err)
		return
	}
	section.values[schedulesName] = defaults.values[schedulesName]
	c.assumed = true
}

// assume is the default section for a file that has none, if the file is a config.json at all.
func (c *converter) assume(file *reader) *reader {
	for _, key := range file.keys {
		if key != sectionName && jobspec.EditDistance(strings.ToLower(key), sectionName) <= mistypedBy {
			c.fail(key, "UCore FS knows no such section: did you mean %s?", sectionName)
			return file
		}
	}
	known := slices.ContainsFunc(file.keys, func(key string) bool { return slices.Contains(otherSections, key) })
	if len(file.keys) > 0 && !known && !slices.Contains(file.keys, sectionName) {
		c.fail(sectionName, "the file has no such section, and none that UCore FS writes: "+
			"is it the config.json of UCore FS?")
		return file
	}
	section, err := parseObject(sectionName, []byte(defaultSection))
	if err != nil {
		c.errs = append(c.errs, err)
	}
	c.assumed = true
	return &reader{object: section, c: c}
}

// mistypedBy is how many letters of a section's name may be wrong for it to be taken for a mistyped one.
const mistypedBy = 3

// readDatabase takes the database that the application uses.
func (c *converter) readDatabase(mongo *reader) {
	var name string
	if !mongo.read("database_name", "the name of a database in quotes", &name) {
		return
	}
	if !jobspec.IsDatabaseName(name) || strings.ContainsAny(name, windowsOnly) {
		c.fail(mongo.below("database_name"), "%q is not the name of a database: write %s, nor any of %s",
			name, jobspec.DatabaseNameRule, windowsOnly)
		return
	}
	c.options.Database.Name = name
}

// windowsOnly are the characters that MongoDB refuses in a database's name on Windows only; a schedule takes none of
// them.
const windowsOnly = "*<>:|?"
