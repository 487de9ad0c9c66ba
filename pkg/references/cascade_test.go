package references_test

import (
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/references"
)

// Seen to fail when references into what goes with a record were left out: a relation to a detection of its stayed.
func TestOnlyReferencesThatADeletedRecordConcernsLead(t *testing.T) {
	for layout, want := range map[librarytest.Layout]string{
		librarytest.UCoreFS: "albums.file_ids[] albums.cover_id embedding_records.file_id relations.source_id " +
			"relations.target_id " +
			"detection_instances.file_id annotation_records.file_id",
		librarytest.Web: "file_tags.file_id file_albums.file_id embeddings.file_id relations.source_id relations.target_id " +
			"detection_instances.file_id annotation_records.file_id annotation_jobs.file_ids[]",
	} {
		declared := taskstest.Declaration(t, layout)
		all, got := len(declared.References), []string{}
		for _, ref := range references.Cascade(declared, declared.Files.Collection).References {
			got = append(got, ref.From.String())
		}
		fields := strings.Fields(want)
		slices.Sort(fields)
		if slices.Sort(got); !slices.Equal(got, fields) {
			t.Errorf("%s: %q, want %q", layout, got, fields)
		}
		if len(declared.References) != all {
			t.Errorf("%s: the declaration itself lost references", layout)
		}
	}
}
