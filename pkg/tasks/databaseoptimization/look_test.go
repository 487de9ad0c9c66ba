package databaseoptimization_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
)

// written is when the n-th vector was written.
func written(n byte) time.Time {
	return librarytest.DefaultNow.Add(time.Duration(n)*time.Hour - 240*time.Hour)
}

// isoText is a time as the desktop application writes it.
func isoText(at time.Time) string { return at.Format("2006-01-02T15:04:05.000000") }

// held is the vectors in a file's record.
func held(n byte, v ...float64) bson.D {
	return set("clip", bson.D{{Key: "vector", Value: v}, {Key: "created_at", Value: isoText(written(n))}})
}

func webEmbedding(id, file, at byte, model string, v ...float64) bson.D {
	return bson.D{
		{Key: "_id", Value: bson.ObjectID{11: id}}, {Key: "file_id", Value: bson.ObjectID{11: file}},
		{Key: "embedding", Value: v}, {Key: "model", Value: model}, {Key: "created_at", Value: written(at)},
	}
}

// stamped is a library of ten files of which eight have a vector, with the time at which it was written, on a server
// that counts; its indexes are written.
func stamped(t *testing.T, l librarytest.Layout) *taskstest.Bench {
	t.Helper()
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	b := taskstest.On(t, mongotest.At(t, server.URI), librarytest.Library{Layout: l})
	docs := map[string][]bson.D{}
	for n := byte(1); n <= 10; n++ {
		file := bson.D{{Key: "_id", Value: id(n)}, {Key: "path", Value: fmt.Sprint("/library/", n)}}
		if v := vector(float64(n), 1, 0); n <= 8 && l == librarytest.UCoreFS {
			file = append(file, bson.E{Key: "embeddings", Value: held(n, v...)})
		} else if n <= 8 {
			docs["embeddings"] = append(docs["embeddings"], webEmbedding(n, n, n, "clip", v...))
		}
		docs["file_records"] = append(docs["file_records"], file)
	}
	if err := librarytest.InsertRaw(t.Context(), b.Server.DB, librarytest.Raw(docs)); err != nil {
		t.Fatal(err)
	}
	b.Env.Options.IndexDir = t.TempDir()
	if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesRebuilt"] != 1 {
		t.Fatalf("the counts of the first run are %v", done.Counts)
	}
	return b
}

// Must fail when each run reads all vectors.
func TestAnUnchangedLibraryCostsALook(t *testing.T) {
	for l, most := range map[librarytest.Layout]int{librarytest.UCoreFS: 7, librarytest.Web: 5} {
		t.Run(l.String(), func(t *testing.T) {
			b := stamped(t, l)
			sent := commands(b)
			_, done := b.Run(databaseoptimization.Task())
			if done.Counts["faissIndexesSkipped"] != 1 || done.Counts["faissIndexesRebuilt"] != 0 {
				t.Errorf("the counts are %v", done.Counts)
			}
			expectText(t, done.Message, "FAISS indexes up to date without reading the vectors: 1")
			if len(*sent) > most {
				t.Errorf("%d commands, want %d:\n%s", len(*sent), most, strings.Join(*sent, "\n"))
			}
			for _, c := range *sent {
				if strings.HasPrefix(c, "find") && strings.Contains(c, "filter: {}") && !strings.Contains(c, "limit") {
					t.Errorf("a collection was read: %s", c)
				}
			}
		})
	}
}

// commands are the shapes of the commands about vectors that are sent from now on.
func commands(b *taskstest.Bench) *[]string {
	list := &[]string{}
	b.Before = func(c connection.Command) {
		if c.Name == "find" || c.Name == "aggregate" || c.Name == "getMore" {
			*list = append(*list, fmt.Sprint(c.Name, " ", c.Document))
		}
	}
	return list
}

// alteration is something that happens between two runs.
type alteration struct {
	do      func(t *testing.T, b *taskstest.Bench)
	rebuilt int64
}

// in changes a collection.
func in(collection string, change func(t *testing.T, c mongotest.Server) error) func(*testing.T, *taskstest.Bench) {
	return func(t *testing.T, b *taskstest.Bench) {
		t.Helper()
		if err := change(t, b.Server); err != nil {
			t.Fatal(collection, err)
		}
	}
}

func insert(collection string, docs ...bson.D) func(*testing.T, *taskstest.Bench) {
	return in(collection, func(t *testing.T, s mongotest.Server) error {
		for _, doc := range docs {
			if _, err := s.DB.Collection(collection).InsertOne(t.Context(), doc); err != nil {
				return err
			}
		}
		return nil
	})
}

func remove(collection string, n byte) func(*testing.T, *taskstest.Bench) {
	return in(collection, func(t *testing.T, s mongotest.Server) error {
		_, err := s.DB.Collection(collection).DeleteOne(t.Context(), set("_id", id(n)))
		return err
	})
}

func update(collection string, n byte, fields bson.D) func(*testing.T, *taskstest.Bench) {
	return in(collection, func(t *testing.T, s mongotest.Server) error {
		_, err := s.DB.Collection(collection).UpdateByID(t.Context(), id(n), set("$set", fields))
		return err
	})
}

func both(steps ...func(*testing.T, *taskstest.Bench)) func(*testing.T, *taskstest.Bench) {
	return func(t *testing.T, b *taskstest.Bench) {
		t.Helper()
		for _, step := range steps {
			step(t, b)
		}
	}
}

// onDisk changes a file in the index folder.
func onDisk(name string, change func(path string) error) func(*testing.T, *taskstest.Bench) {
	return func(t *testing.T, b *taskstest.Bench) {
		t.Helper()
		if err := change(filepath.Join(b.Env.Options.IndexDir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func env(change func(*tasks.Env)) func(*testing.T, *taskstest.Bench) {
	return func(_ *testing.T, b *taskstest.Bench) { change(&b.Env) }
}

// noteFile is where a run keeps what the indexes were made of.
const noteFile = "maintenance-note.json"

func anyLibrary() map[string]alteration {
	return map[string]alteration{
		"the index file was written": {onDisk("clip.faiss", func(path string) error {
			return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour))
		}), 0},
		"the sidecar is shorter":       {onDisk("clip.ids", func(path string) error { return os.Truncate(path, 100) }), 1},
		"a name leads nowhere":         {onDisk("clip.ids", os.Remove), 1},
		"the note is gone":             {onDisk(noteFile, os.Remove), 0},
		"the note is not whole":        {onDisk(noteFile, func(path string) error { return os.Truncate(path, 20) }), 0},
		"another declaration":          {env(func(e *tasks.Env) { e.Library.Digest = "another" }), 0},
		"30 days have passed":          {env(func(e *tasks.Env) { e.Now = e.Now.Add(30 * 24 * time.Hour) }), 0},
		"the clock went back":          {env(func(e *tasks.Env) { e.Now = e.Now.Add(-time.Second) }), 0},
		"every run reads all vectors":  {env(func(e *tasks.Env) { e.Options.VectorsReadDays = 0 }), 0},
		"a file more":                  {insert("file_records", set("_id", id(200))), 0},
		"a file less":                  {remove("file_records", 9), 0},
		"a file less and another more": {both(remove("file_records", 9), insert("file_records", set("_id", id(200)))), 0},
	}
}

func desktopLibrary() map[string]alteration {
	file := func(n byte, embeddings bson.D) bson.D {
		return bson.D{{Key: "_id", Value: id(n)}, {Key: "embeddings", Value: embeddings}}
	}
	blip := bson.D{{Key: "vector", Value: vector(1, 2)}, {Key: "created_at", Value: isoText(written(1))}}
	record := bson.D{
		{Key: "_id", Value: id(1)}, {Key: "file_id", Value: id(9)}, {Key: "provider", Value: "clip"},
		{Key: "vector", Value: vector(1, 2, 3)}, {Key: "updated_at", Value: nil},
	}
	return map[string]alteration{
		"a vector more":                  {update("file_records", 9, set("embeddings", held(9, 1, 1, 1))), 1},
		"a vector less":                  {update("file_records", 8, set("embeddings", bson.D{})), 1},
		"a vector that was written anew": {update("file_records", 2, set("embeddings", held(9, 1, 1, 1))), 1},
		"the same, of a file in between": {update("file_records", 2, set("embeddings.clip.vector", vector(1, 1, 1))),
			1},
		"one less and another more, as old": {both(remove("file_records", 8),
			insert("file_records", file(200, held(8, 1, 1, 1)))), 1},
		"another provider, written long ago":    {update("file_records", 3, set("embeddings.blip", blip)), 1},
		"a vector in a record without any time": {insert("embedding_records", record), 1},
		"a map that is a list":                  {update("file_records", 10, set("embeddings", bson.A{})), 0},
		"a vector without a time":               {update("file_records", 2, set("embeddings.clip.created_at", nil)), 0},
		"a time that is none": {update("file_records", 2, set("embeddings.clip.created_at", "yesterday")),
			0},
		"a time in the future": {update("file_records", 2, set("embeddings.clip.created_at", "2099-01-01T00:00:00")), 0},
		"a time just now": {update("file_records", 2, set("embeddings.clip.created_at",
			isoText(librarytest.DefaultNow))), 0},
	}
}

func webLibrary() map[string]alteration {
	return map[string]alteration{
		"a vector more": {insert("embeddings", webEmbedding(200, 9, 9, "clip", 1, 1, 1)), 1},
		"a vector less": {remove("embeddings", 8), 1},
		"one less and another more, as old": {both(remove("embeddings", 8),
			insert("embeddings", webEmbedding(200, 9, 8, "clip", 1, 1, 1))), 1},
		"one less and another more, older": {both(remove("embeddings", 7),
			insert("embeddings", webEmbedding(200, 9, 2, "clip", 1, 1, 1))), 1},
		"another provider, written long ago": {update("embeddings", 3, set("model", "blip")), 2},
		"a file that has a vector is gone": {both(remove("file_records", 3), insert("file_records", set("_id", id(200)))),
			1},
		"another vector, as old":      {update("embeddings", 3, set("embedding", vector(1, 1, 1))), 1},
		"a number in place of a time": {update("embeddings", 8, set("created_at", written(8).Unix())), 0},
	}
}

// Must fail, for each, when that part of the look is left out.
func TestInDoubtAllVectorsAreRead(t *testing.T) {
	own := map[librarytest.Layout]map[string]alteration{librarytest.UCoreFS: desktopLibrary(),
		librarytest.Web: webLibrary()}
	for l, alterations := range own {
		for _, list := range []map[string]alteration{anyLibrary(), alterations} {
			for name, a := range list {
				t.Run(l.String()+", "+name, func(t *testing.T) {
					b := stamped(t, l)
					a.do(t, b)
					_, done := b.Run(databaseoptimization.Task())
					if done.Counts["faissIndexesSkipped"] != 0 || done.Counts["faissIndexesRebuilt"] != a.rebuilt {
						t.Errorf("the counts are %v", done.Counts)
					}
					expectIndexes(t, b.Env.Options.IndexDir, vectors(b))
				})
			}
		}
	}
}

// After all vectors were read without a difference, the next look is enough again.
func TestAReadingThatFindsNoDifferenceIsRemembered(t *testing.T) {
	b := stamped(t, librarytest.Web)
	b.Env.Now = b.Env.Now.Add(30 * 24 * time.Hour)
	for run, want := range []int64{0, 1} {
		if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesSkipped"] != want {
			t.Errorf("run %d: the counts are %v", run, done.Counts)
		}
	}
}

// Must fail when a run that reads no vector has no warnings.
func TestWarningsAreRepeatedWhileNothingChanges(t *testing.T) {
	b := stamped(t, librarytest.Web)
	insert("embeddings", webEmbedding(200, 9, 1, "clip", 1, 2))(t, b)
	for run := range 2 {
		plan, done := b.Run(databaseoptimization.Task())
		if done.Counts["faissIndexesSkipped"] != int64(run) {
			t.Errorf("run %d: the counts are %v", run, done.Counts)
		}
		expectText(t, strings.Join(plan.Warnings, "\n"), "1 vectors of clip have 2 numbers, most have 3")
	}
}

func TestADryRunKeepsNoNote(t *testing.T) {
	b := stamped(t, librarytest.Web)
	note := filepath.Join(b.Env.Options.IndexDir, noteFile)
	if err := os.Remove(note); err != nil {
		t.Fatal(err)
	}
	b.Prepare(databaseoptimization.Task())
	if _, err := os.Stat(note); !os.IsNotExist(err) {
		t.Errorf("Stat() = %v", err)
	}
}

// Must fail when the note is written whatever has its name.
func TestAFileOfAnotherProgramIsNoNoteAndStays(t *testing.T) {
	b := stamped(t, librarytest.Web)
	note := filepath.Join(b.Env.Options.IndexDir, noteFile)
	if err := os.WriteFile(note, []byte("a person's"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesSkipped"] != 0 {
			t.Errorf("the counts are %v", done.Counts)
		}
	}
	if got, err := os.ReadFile(note); err != nil || string(got) != "a person's" {
		t.Errorf("it is now %q, %v", got, err)
	}
}
