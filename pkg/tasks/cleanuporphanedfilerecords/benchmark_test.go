package cleanuporphanedfilerecords

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/mongotest"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
)

// BenchmarkCleanLibrary compares a run over a library of which nothing is missing with a bare loop over the same records. The
// records are read from FerretDB, so only the ratio says something, and it says less of a faster server.
func BenchmarkCleanLibrary(b *testing.B) {
	const folders, each = 200, 100
	server, root := mongotest.New(b), b.TempDir()
	for i := range folders {
		var docs []any
		folder := fmt.Sprintf("folder %03d", i)
		if err := os.Mkdir(filepath.Join(root, folder), 0o755); err != nil {
			b.Fatal(err)
		}
		for j := range each {
			path := filepath.Join(root, folder, fmt.Sprintf("IMG_%05d.jpg", j))
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				b.Fatal(err)
			}
			docs = append(docs, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "path", Value: path}})
		}
		if _, err := server.DB.Collection("file_records").InsertMany(b.Context(), docs); err != nil {
			b.Fatal(err)
		}
	}
	o := jobspec.Defaults()
	o.LibraryRoots = []string{root}
	db := server.Connect(b, nil)
	env := tasks.Env{
		Options: o, Model: library.UCoreFS(), DB: db, Checkpoints: db.Checkpoints(), Now: librarytest.DefaultNow, Elapsed: new(taskstest.Clock).Elapsed, RunID: "run",
	}
	run := task(func(folder string) (openLibrary, error) { return files.OpenLibrary(folder) }, maxMissing)
	var bare, whole time.Duration
	for b.Loop() {
		began := time.Now()
		if err := env.DB.Scan(b.Context(), "file_records", mongodb.ScanOptions{Fields: []string{"path"}}, func(bson.Raw) error { return nil }); err != nil {
			b.Fatal(err)
		}
		bare += time.Since(began)
		began = time.Now()
		plan, err := run.Prepare(b.Context(), env)
		if err != nil || plan.Verdict != nil || plan.Counts["filesChecked"] != folders*each {
			b.Fatal(err, plan.Verdict, plan.Counts)
		}
		whole += time.Since(began)
	}
	b.ReportMetric(float64(whole)/float64(bare), "times-a-bare-scan")
}
