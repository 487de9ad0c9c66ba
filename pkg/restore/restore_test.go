package restore

import (
	"testing"

	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/report"
)

func TestAPlanSaysWhatWouldBePutBack(t *testing.T) {
	for name, c := range map[string]struct {
		foreseen journal.Restored
		says     string
		writes   bool
		outcome  report.Outcome // empty: no verdict
	}{
		"nothing was taken": {journal.Restored{TookNothing: true}, "the run tidy-1 took nothing: nothing to restore", false,
			""},
		"everything": {journal.Restored{Entries: 15, Inserted: 12, Replaced: 3},
			"would put back 12 deleted and 3 changed documents; nothing was changed", true, ""},
		"a second time": {journal.Restored{Entries: 15, Unchanged: 15},
			"nothing to put back: 15 documents are as they were before the run", false, ""},
		"a second time, after an earlier restore": {journal.Restored{Entries: 15, Earlier: 15},
			"nothing to put back: 15 were put back by an earlier restore", false, ""},
		"one cannot be put back": {journal.Restored{Entries: 3, Inserted: 2, Failed: 1,
			Failures: []string{"tags 1: damaged"}},
			"would put back 2 deleted and 0 changed documents; nothing was changed; 1 cannot be put back, such as tags 1: " +
				"damaged", true, report.Partial},
		"some were written since": {journal.Restored{Entries: 3, Inserted: 1, Conflicts: 2, Sample: []string{"tags 1"}},
			"would put back 1 deleted and 0 changed documents; nothing was changed; 2 that were written since are left alone",
			true, report.Partial},
		"all were written since": {journal.Restored{Entries: 2, Conflicts: 2, Sample: []string{"tags 1"}},
			"nothing to put back; 2 that were written since are left alone", false, report.Partial},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(c.foreseen, "tidy-1")
			if p.Message != c.says || (p.Execute != nil) != c.writes {
				t.Errorf("%q, writes: %v", p.Message, p.Execute != nil)
			}
			if got := p.Verdict; got == nil && c.outcome != "" || got != nil && (got.Outcome != c.outcome ||
				got.Message != c.says) {
				t.Errorf("the verdict is %+v", got)
			}
			if len(p.Sample) != len(c.foreseen.Sample) || len(p.Warnings) != len(c.foreseen.Failures) {
				t.Errorf("the sample is %q, the warnings are %q", p.Sample, p.Warnings)
			}
		})
	}
}

func TestTheRunsThatThereAreAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		runs []string
		says string
	}{
		"none":  {nil, "it knows no run at all: is --database the right one?"},
		"a few": {[]string{"a-1", "tidy-3", "tidy-2"}, "it knows tidy-3, tidy-2, a-1"},
		"more than are told": {[]string{"b-1", "b-2", "b-3", "b-4", "b-5", "tidy-2", "tidy-9"},
			"it knows tidy-9, tidy-2, b-1, b-5, b-4 and 2 more"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := known("tidy-1", c.runs); got != c.says {
				t.Errorf("%q, want %q", got, c.says)
			}
		})
	}
}
