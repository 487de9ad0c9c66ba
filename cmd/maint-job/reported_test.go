package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// Inputs that other people reported, with what a run says of each. Seen to fail without the warnings, and with a run
// that waited for a month.
func TestWhatPeopleReportedIsSaid(t *testing.T) {
	doc := func(pairs ...any) (d bson.D) {
		for i := 0; i < len(pairs); i += 2 {
			d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return d
	}
	vector := func(n int) (v bson.A) {
		for i := range n {
			v = append(v, float64(i+1))
		}
		return v
	}
	nextMonth := time.Now().Add(30 * 24 * time.Hour)
	for name, c := range map[string]struct {
		docs map[string][]any
		task string
		args []string
		says string
	}{
		"sizes that no counter can hold": {
			map[string][]any{
				"directory_records": {doc("_id", "d", "path", "/d", "total_size", 0)},
				"file_records": {
					doc("_id", 1, "parent_id", "d", "size_bytes", int64(math.MaxInt64)), doc("_id", 2, "parent_id", "d", "size_bytes",
						int64(math.MaxInt64)),
					doc("_id", 3, "parent_id", "d", "size_bytes", 100),
				},
			},
			jobspec.RebuildAllCounts, nil, "the sum of file_records.size_bytes is more than 9223372036854775807 in 1 documents",
		},
		"a heartbeat a month ahead": {
			map[string][]any{"app_activity": {doc("_id", "client", "last_activity", nextMonth)},
				"file_records": {doc("_id", 1)}},
			jobspec.RebuildAllCounts, []string{"--run-on-idle-only", "--idle-threshold=1m", "--max-idle-wait=10m"},
			"a document of app_activity has a time in last_activity that is in the future",
		},
		"vectors of another length": {
			map[string][]any{"file_records": {
				doc("_id", bson.NewObjectID(), "embeddings", doc("clip", doc("vector", vector(8)))),
				doc("_id", bson.NewObjectID(), "embeddings", doc("clip", doc("vector", vector(8)))),
				doc("_id", bson.NewObjectID(), "embeddings", doc("clip", doc("vector", vector(3)))),
			}},
			jobspec.DatabaseOptimization, nil,
			"1 vectors of clip have 3 numbers, most have 8: the application must compute them again",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onEmpty(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
			for collection, docs := range c.docs {
				if _, err := s.library.DB.Collection(collection).InsertMany(t.Context(), docs); err != nil {
					t.Fatal(err)
				}
			}
			r := s.task(t, c.task, append(c.args, "--library=ucorefs")...)
			r.want(t, jobspec.ExitOK)
			if got := strings.Join(r.result(t).Warnings, "\n"); !strings.Contains(got, c.says) {
				t.Errorf("the warnings are %q, want %q", got, c.says)
			}
			for _, d := range librarytest.Docs(s.documents(t))["directory_records"] {
				if n, _ := d.Lookup("total_size").AsInt64OK(); n != math.MaxInt64 {
					t.Errorf("the total size is %d", n)
				}
			}
		})
	}
}
