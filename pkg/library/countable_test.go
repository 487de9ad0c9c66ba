package library

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCountersOverAbsentCollectionsAreLeftOut(t *testing.T) {
	web, _ := Named(WebName)
	for name, c := range map[string]struct {
		existing []string
		left     []string
	}{
		"all collections exist": {web.Names(), nil},
		"the links are absent": {[]string{"tags", "albums", "directory_records", "file_records", "annotation_jobs",
			"annotation_records"},
			[]string{"tags.file_count", "albums.file_count"}},
		"one of two that are counted is absent": {[]string{"directory_records"},
			[]string{"directory_records.child_count"}},
		"a list of the document itself is always there": {[]string{"annotation_jobs"},
			[]string{"annotation_jobs.annotated_count"}},
		"what has no counted document is not named": {[]string{"file_records"}, nil},
	} {
		countable, left := web.Countable(c.existing)
		if diff := cmp.Diff(c.left, left); diff != "" {
			t.Errorf("%s: left (-want +got):\n%s", name, diff)
		}
		for _, counter := range countable.Counters {
			if !counter.isOver(c.existing) {
				t.Errorf("%s: %s is still counted", name, counter.Field)
			}
		}
	}
	if len(web.Counters) != 6 {
		t.Errorf("the declaration has %d counters left", len(web.Counters))
	}
}
