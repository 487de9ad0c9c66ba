package librarytest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// cleanedCase is documents before and after the cleanup.
type cleanedCase struct {
	layout     Layout
	docs, want collections
}

func cleanAll(t *testing.T, cases map[string]cleanedCase) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := Diff(Raw(c.want), c.layout.Cleaned(Raw(c.docs))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCleanedArraysAndParents(t *testing.T) {
	id := bson.NewObjectID()
	cleanAll(t, map[string]cleanedCase{
		"what dangles in an array is pulled, and the rest keeps its place and form": {UCoreFS,
			collections{
				tags: {document("_id", int32(1)), document("_id", id)},
				fileRecords: {
					document("_id", "a", "tag_ids", list(int32(7), 1.0, id.Hex(), nil, "gone", 1.0)),
					document("_id", "b", "tag_ids", "none"),
				},
			},
			collections{
				tags: {document("_id", int32(1)), document("_id", id)},
				fileRecords: {
					document("_id", "a", "tag_ids", list(1.0, id.Hex(), nil, 1.0)), document("_id", "b", "tag_ids", "none"),
				},
			}},
		"a manual album that loses files gets their number, and no other does": {UCoreFS,
			collections{fileRecords: {document("_id", "a")}, albums: {
				document("_id", int32(1), "file_ids", list("a", "gone"), "file_count", int32(9), "cover_id", "gone"),
				document("_id", int32(2), "is_smart", true, "file_ids", list("a", "gone"), "file_count", int32(9)),
				document("_id", int32(3), "is_smart", false, "file_ids", list("a", "a"), "file_count", int32(9)),
			}},
			collections{fileRecords: {document("_id", "a")}, albums: {
				document("_id", int32(1), "file_ids", list("a"), "file_count", int32(1), "cover_id", nil),
				document("_id", int32(2), "is_smart", true, "file_ids", list("a"), "file_count", int32(9)),
				document("_id", int32(3), "is_smart", false, "file_ids", list("a", "a"), "file_count", int32(9)),
			}}},
		"parents and roots are left as they are": {UCoreFS,
			collections{
				tags: {document("_id", int32(1), "parent_id", "gone")}, albums: {document("_id", int32(1), "parent_id", "gone")},
				directoryRecords: {document("_id", int32(1), "parent_id", "gone", "root_id", "gone")},
				fileRecords:      {document("_id", int32(1), "parent_id", "gone", "root_id", "gone")},
			},
			collections{
				tags: {document("_id", int32(1), "parent_id", "gone")}, albums: {document("_id", int32(1), "parent_id", "gone")},
				directoryRecords: {document("_id", int32(1), "parent_id", "gone", "root_id", "gone")},
				fileRecords:      {document("_id", int32(1), "parent_id", "gone", "root_id", "gone")},
			}},
	})
}

func TestCleanedDependents(t *testing.T) {
	cleanAll(t, map[string]cleanedCase{
		"what depends on a file that is gone goes, and what depends on that": {UCoreFS,
			collections{
				fileRecords:      {document("_id", "a")},
				embeddingRecords: {document("_id", int32(1), "file_id", "a"), document("_id", int32(2), "file_id", "gone")},
				detectionInstances: {
					document("_id", "seen", "file_id", "a", "detection_class_id", "gone", "detection_object_id", "gone"),
					document("_id", "lost", "file_id", "gone"),
				},
				relations: {
					document("_id", int32(1), "source_id", "a", "target_id", "seen", "relation_type_id", "gone"),
					document("_id", int32(2), "source_id", "a", "target_id", "lost"),
				},
				annotationRecords: {document("_id", int32(1), "file_id", "a", "job_id", "gone")},
			},
			collections{
				fileRecords:      {document("_id", "a")},
				embeddingRecords: {document("_id", int32(1), "file_id", "a")},
				detectionInstances: {
					document("_id", "seen", "file_id", "a", "detection_class_id", nil, "detection_object_id", nil),
				},
				relations: {document("_id", int32(1), "source_id", "a", "target_id", "seen", "relation_type_id", "gone")},
			}},
	})
}

func TestCleanedOtherLayouts(t *testing.T) {
	cleanAll(t, map[string]cleanedCase{
		"links of the web application go, and only the length of a list that was shortened follows": {Web,
			collections{
				fileRecords: {document("_id", "a")}, tags: {document("_id", "t", "file_count", int32(2))},
				fileTags: {
					document("_id", int32(1), "file_id", "a", "tag_id", "t"),
					document("_id", int32(2), "file_id", "gone", "tag_id", "t"),
				},
				annotationJobs: {document("_id", int32(1), "file_ids", list("gone", "a"), "total_files", int32(2))},
			},
			collections{
				fileRecords: {document("_id", "a")}, tags: {document("_id", "t", "file_count", int32(2))},
				fileTags:       {document("_id", int32(1), "file_id", "a", "tag_id", "t")},
				annotationJobs: {document("_id", int32(1), "file_ids", list("a"), "total_files", int32(1))},
			}},
		"lines go, coupons are pulled and customers are reported": {Shop,
			collections{
				orders: {document("_id", int32(1), "customer_id", "gone", "coupon_ids", list("gone"))},
				lines:  {document("_id", int32(1), "order_id", int32(1)), document("_id", int32(2), "order_id", "gone")},
			},
			collections{
				orders: {document("_id", int32(1), "customer_id", "gone", "coupon_ids", list())},
				lines:  {document("_id", int32(1), "order_id", int32(1))},
			}},
	})
}

func TestAfterTheCleanupOnlyWhatIsReportedIsBroken(t *testing.T) {
	for _, layout := range layouts {
		actions := layout.actions()
		for seed := range int64(40) {
			docs := layout.Generate(seed, Tiny).Raw()
			cleaned := layout.Cleaned(docs)
			for _, d := range layout.Broken(cleaned) {
				if actions[d.Collection+" "+d.Field] != Report {
					t.Errorf("%v, seed %d: %v is left", layout, seed, d)
				}
			}
			if diff := Diff(cleaned, layout.Cleaned(cleaned)); diff != "" {
				t.Errorf("%v, seed %d: a second cleanup changes\n%s", layout, seed, diff)
			}
		}
	}
}

func TestAnOracleLeavesItsInputAlone(t *testing.T) {
	l := Generate(3, Tiny)
	docs := l.Raw()
	UCoreFS.Cleaned(docs)
	UCoreFS.Mirrored(docs)
	UCoreFS.Vectors(docs)
	if diff := Diff(l.Raw(), docs); diff != "" {
		t.Error(diff)
	}
}
