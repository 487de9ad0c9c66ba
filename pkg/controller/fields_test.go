package controller

import (
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// Whoever reads a status has a schedule and no command line. The sentences as the run writes them must fail.
func TestAStatusNamesFieldsInsteadOfFlags(t *testing.T) {
	for says, want := range map[string]string{
		"allow this very plan with --allow-plan=abc, or raise --max-deletes (in a schedule: spec.limits)": "allow this very plan with spec.limits.allowPlan: abc, or raise spec.limits.maxDeletes",
		"no record lies in root \"/a\": check --path-map":                                                 "no record lies in root \"/a\": check spec.cleanupOrphanedFileRecords.pathMaps",
		"name each folder that holds files with --library-root":                                           "name each folder that holds files with spec.volumes with use Library",
		"kept 3 more than --max-log-files=10 of app.log":                                                  "kept 3 more than spec.logRotation.maxFiles: 10 of app.log",
		"--grace-period is 0: RECORDS ARE DELETED AT FIRST SIGHT":                                         "spec.limits.gracePeriod is 0: RECORDS ARE DELETED AT FIRST SIGHT",
		"set $MONGODB_URI, --mongodb-uri-file or --mongodb-uri; a--b is no flag --":                       "set $MONGODB_URI, --mongodb-uri-file or --mongodb-uri; a--b is no flag --",
	} {
		got := sanitizedResult(report.Result{Outcome: report.Refused, Message: says, Warnings: []string{says}})
		if got.Message != want || got.Warnings[0] != want {
			t.Errorf("the status says %q and %q, want %q", got.Message, got.Warnings[0], want)
		}
	}
}

// Each flag that a schedule sets is known by its field.
func TestEachFlagOfATaskHasAField(t *testing.T) {
	for _, task := range jobspec.Tasks() {
		for _, name := range append(append([]string{}, task.Folders...), task.Limits...) {
			if fields[name] == "" {
				t.Errorf("--%s of %s has no field", name, task.Name)
			}
		}
	}
}
