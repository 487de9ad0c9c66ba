package controller

import (
	"regexp"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// flag is a flag in a sentence, with or without a value.
var flag = regexp.MustCompile(`--([a-z]+(?:-[a-z]+)*)(=?)`)

// inSchedule is what a sentence adds for the readers of a status.
var inSchedule = regexp.MustCompile(` \(in a schedule: [^)]*\)`)

// fields are the fields of a schedule, by the flag of maint-job that they become. Those of the tasks' parameters are
// declared with them.
var fields = fieldsByFlag()

func fieldsByFlag() map[string]string {
	all := map[string]string{
		"database": "spec.database.name", "library": "spec.database.libraryConfigMap",
		"max-deletes": "spec.limits.maxDeletes", "max-delete-percent": "spec.limits.maxDeletePercent",
		"grace-period": "spec.limits.gracePeriod", "allow-plan": "spec.limits.allowPlan",
		"idle-on-timeout": "spec.idle.onTimeout", "max-idle-wait": "spec.idle.maxWait",
		"idle-threshold": "spec.idle.threshold", "timeout": "spec.activeDeadline",
		"window": "spec.window", "priority": "spec.priority", "dry-run": "spec.dryRun",
	}
	for _, folder := range jobspec.Folders() {
		all[folder.Flag] = "spec.volumes with use " + folder.Use
	}
	for _, task := range jobspec.Tasks() {
		for _, p := range task.Parameters {
			all[p.Flag] = "spec." + task.Member() + "." + p.Field
		}
	}
	return all
}

// inFields is a sentence of a run as the reader of a schedule needs it: maint-job names its flags, which a schedule has
// as fields.
func inFields(text string) string {
	return flag.ReplaceAllStringFunc(inSchedule.ReplaceAllString(text, ""), func(found string) string {
		match := flag.FindStringSubmatch(found)
		field, known := fields[match[1]]
		switch {
		case !known:
			return found
		case match[2] != "":
			return field + ": "
		}
		return field
	})
}
