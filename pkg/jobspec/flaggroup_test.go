package jobspec

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// shown are the flags that a help text of t names.
func shown(t Task) (flags []string) {
	for _, group := range FlagGroups(t) {
		group.Flags.VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	}
	return flags
}

func TestAHelpTextShowsTheFlagsThatMatterToTheTask(t *testing.T) {
	limits := []string{"max-delete-percent", "max-deletes", "allow-plan"}
	for task, c := range map[string]struct{ with, without []string }{
		VerifyReferences: {[]string{"mongodb-uri", "output", "window"}, append(limits, "cache-dir", "grace-period",
			"time-budget")},
		CleanupOrphanedRecords:     {limits, []string{"grace-period", "library-root"}},
		CleanupOrphanedFileRecords: {append(limits, "grace-period", "library-root", "path-map"), []string{"cache-dir"}},
		CacheCleanup: {[]string{"cache-dir", "max-age-days", "dry-run"}, append(limits, "mongodb-uri",
			"library", "log-dir")},
	} {
		named, err := TaskByName(task)
		if err != nil {
			t.Fatal(err)
		}
		flags := shown(named)
		for _, flag := range c.with {
			if !slices.Contains(flags, flag) {
				t.Errorf("%s does not show --%s", task, flag)
			}
		}
		for _, flag := range c.without {
			if slices.Contains(flags, flag) {
				t.Errorf("%s shows --%s", task, flag)
			}
		}
	}
}

func TestTheHelpOfNoTaskShowsEveryFlag(t *testing.T) {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	o := Defaults()
	o.AddFlags(fs)
	var want []string
	fs.VisitAll(func(f *pflag.Flag) { want = append(want, f.Name) })
	got := shown(Task{})
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
