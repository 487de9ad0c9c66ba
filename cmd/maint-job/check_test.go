package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/check"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// checkOf is the report on a database, in JSON, and the exit code.
func checkOf(t *testing.T, s mongotest.Server, code int, args ...string) (r check.Report) {
	t.Helper()
	got := job(t, map[string]string{"MONGODB_URI": s.URI + s.Name}, append([]string{"check", "-o", "json"}, args...)...)
	got.want(t, code)
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		t.Fatalf("%v: %s", err, got.out)
	}
	return r
}

func TestCheckSaysThatAHealthyInstallationIsReady(t *testing.T) {
	for _, l := range []librarytest.Layout{librarytest.UCoreFS, librarytest.Web} {
		s := mongotest.New(t)
		made, root := l.Generate(1, librarytest.Demo), t.TempDir()
		if err := made.Insert(t.Context(), s.DB); err != nil {
			t.Fatal(err)
		}
		before := collections(t, s)
		args := []string{"--library-root=" + root}
		for _, r := range made.Roots {
			args = append(args, "--path-map="+r.Path+"="+filepath.Join(root, r.Rel))
		}
		r := checkOf(t, s, jobspec.ExitOK, append(args, "--cache-dir="+t.TempDir(), "--log-dir="+t.TempDir(),
			"--index-dir="+t.TempDir())...)
		if !r.Ready || r.Library != l.String() || len(r.Undeclared) > 0 || len(r.Folders) != 4 {
			t.Errorf("%+v", r)
		}
		for _, task := range r.Tasks {
			if !task.Works {
				t.Errorf("%s lacks %q", task.Name, task.Lacks)
			}
		}
		files := slices.IndexFunc(r.Collections, func(c check.Collection) bool { return c.Name == "file_records" })
		if files < 0 || r.Collections[files].Documents == 0 {
			t.Errorf("collections: %+v", r.Collections)
		}
		if diff := cmp.Diff(before, collections(t, s)); diff != "" {
			t.Errorf("it wrote:\n%s", diff)
		}
	}
}

// Seen to fail when the folder had only to be readable, and the records were nobody's matter.
func TestCheckNamesRootsAndPathMapsThatMatchNoRecord(t *testing.T) {
	photos, wrong := t.TempDir(), t.TempDir()
	for name, c := range map[string]struct {
		args []string
		says string // empty: the task works
	}{
		"all match": {[]string{"--library-root=" + photos, "--path-map=D:/Photos=" + photos}, ""},
		"no record lies in the root": {[]string{"--library-root=" + wrong}, "no record lies in the library root \"" +
			wrong},
		"a path map matches no record": {[]string{"--library-root=" + photos, "--path-map=D:/Photos=" + photos,
			"--path-map=E:/Fotos=" + photos}, "instead of \"E:/Fotos\""},
		"a path map leads to no root": {[]string{"--library-root=" + photos, "--path-map=D:/Photos=" + wrong},
			"leads 2 records to no library root"},
		"the folder itself is a problem": {[]string{"--library-root=" + photos, "--path-map=D:/Photos=" + photos,
			"--library-root=/nowhere"}, "/nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			for id, doc := range map[string]bson.D{
				"a": {{Key: "path", Value: "D:/Photos/a"}}, "b": {{Key: "path", Value: `D:\Photos\b`}},
				"virtual": {{Key: "path", Value: "E:/Fotos/c"}, {Key: "is_virtual", Value: true}}, "no path": {},
			} {
				if _, err := s.DB.Collection("file_records").InsertOne(t.Context(),
					append(doc, bson.E{Key: "_id", Value: id})); err != nil {
					t.Fatal(err)
				}
			}
			code := jobspec.ExitOK
			if c.says == "/nowhere" {
				code = jobspec.ExitConfig
			}
			r := checkOf(t, s, code, c.args...)
			task := r.Tasks[slices.IndexFunc(r.Tasks,
				func(task check.Task) bool { return task.Name == jobspec.CleanupOrphanedFileRecords })]
			if lacks := strings.Join(task.Lacks, "\n"); task.Works != (c.says == "") || !strings.Contains(lacks, c.says) {
				t.Errorf("it lacks %q, want %q", task.Lacks, c.says)
			}
		})
	}
}

// Seen to fail when check said of a task that it had nothing to do, and its run failed.
func TestCheckAndRunAgreeOnWhatHasNothingToDo(t *testing.T) {
	shop := "--library=" + filepath.Join(tooltest.Root(), "internal/testing/taskstest/shop.yaml")
	for l, c := range map[librarytest.Layout]struct {
		args    []string
		nothing []string
	}{
		librarytest.UCoreFS: {nil, nil},
		librarytest.Web:     {nil, []string{"rebuild-album-references", "fix-file-types", "reprocess-incomplete-embeddings"}},
		librarytest.Shop: {[]string{shop}, []string{"rebuild-album-references", "cleanup-orphaned-file-records",
			"cleanup-old-records", "fix-file-types", "reprocess-incomplete-embeddings"}},
	} {
		s := mongotest.New(t)
		if err := l.Generate(1, librarytest.Tiny).Insert(t.Context(), s.DB); err != nil {
			t.Fatal(err)
		}
		var nothing []string
		for _, task := range checkOf(t, s, jobspec.ExitOK, append([]string{"--library-root=" + t.TempDir()},
			c.args...)...).Tasks {
			if !strings.HasPrefix(task.Note, "nothing to do") {
				continue
			}
			nothing = append(nothing, task.Name)
			got := job(t, map[string]string{"MONGODB_URI": s.URI + s.Name}, append([]string{"run", task.Name, "--output=json"},
				c.args...)...)
			got.want(t, jobspec.ExitOK)
			if r := got.result(t); !task.Works || r.Message != task.Note {
				t.Errorf("%v: check says %q, the run %q", l, task.Note, r.Message)
			}
		}
		slices.Sort(nothing)
		slices.Sort(c.nothing)
		if !slices.Equal(nothing, c.nothing) {
			t.Errorf("%v: nothing to do for %q", l, nothing)
		}
	}
}

// Without a claim a task has nothing to work on, and the others work.
func TestCheckNamesWhatATaskLacks(t *testing.T) {
	s := mongotest.New(t)
	create(t, s, "file_records")
	r := checkOf(t, s, jobspec.ExitOK)
	i := slices.IndexFunc(r.Tasks, func(task check.Task) bool { return task.Name == jobspec.CacheCleanup })
	if r.Tasks[i].Works || !strings.Contains(strings.Join(r.Tasks[i].Lacks, ""), "a claim with use Cache") {
		t.Errorf("%+v", r.Tasks[i])
	}
	text := job(t, map[string]string{"MONGODB_URI": s.URI + s.Name}, "check").out
	for _, says := range []string{
		"library   ucorefs\n", "verify-references", "skips the FAISS index files: there is no --index-dir (",
		"\nready, except for what these tasks lack: ", "cache-cleanup",
	} {
		if !strings.Contains(text, says) {
			t.Errorf("it does not say %q:\n%s", says, text)
		}
	}
	if lines := strings.Count(text, "\n"); lines > 40 {
		t.Errorf("%d lines are more than a screen", lines)
	}
}

// Must fail where the roots that the library records were not looked at: a run uses them.
func TestCheckKnowsTheRootsThatTheLibraryRecords(t *testing.T) {
	here, gone := t.TempDir(), filepath.Join(t.TempDir(), "gone")
	for name, c := range map[string]struct {
		roots []string
		works bool
		says  string
	}{
		"all exist":    {[]string{here}, true, ""},
		"one does not": {[]string{here, gone}, true, "leaves alone what is below " + gone},
		"none exists":  {[]string{gone}, false, "--library-root"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			create(t, s, "file_records")
			for _, root := range c.roots {
				doc := bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "path", Value: root}, {Key: "is_root", Value: true}}
				if _, err := s.DB.Collection("directory_records").InsertOne(t.Context(), doc); err != nil {
					t.Fatal(err)
				}
			}
			r := checkOf(t, s, jobspec.ExitOK)
			task := r.Tasks[slices.IndexFunc(r.Tasks,
				func(task check.Task) bool { return task.Name == jobspec.CleanupOrphanedFileRecords })]
			if said := strings.Join(append(task.Lacks, task.Note), "\n"); task.Works != c.works ||
				!strings.Contains(said, c.says) {
				t.Errorf("%+v", task)
			}
			if c.works && (len(r.Folders) != 1 || r.Folders[0].Path != here || !r.Folders[0].Recorded) {
				t.Errorf("folders: %+v", r.Folders)
			}
			text := job(t, map[string]string{"MONGODB_URI": s.URI + s.Name}, "check").out
			line := "folder    " + gone + " (a root that the library records): does not exist here\n"
			if slices.Contains(c.roots, gone) != strings.Contains(text, line) {
				t.Errorf("it says of %q:\n%s", c.roots, text)
			}
		})
	}
}

func TestCheckFindsWhatKeepsAnInstallationFromWorking(t *testing.T) {
	locked := filepath.Join(t.TempDir(), "nobody")
	for name, c := range map[string]struct {
		collections []string
		args        []string
		says        string
	}{
		"no library": {nil, nil, "holds no library"},
		"a root that does not exist": {[]string{"file_records"}, []string{"--library-root=" + locked},
			"--library-root=" + locked},
		"a folder of the system": {[]string{"file_records"}, []string{"--cache-dir=/etc"}, "belongs to the system"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			create(t, s, c.collections...)
			r := checkOf(t, s, jobspec.ExitConfig, c.args...)
			if r.Ready || !strings.Contains(strings.Join(r.Problems, "\n"), c.says) {
				t.Errorf("%q does not say %q", r.Problems, c.says)
			}
		})
	}
	r := job(t, map[string]string{"MONGODB_URI": "mongodb://" + closed(t) + "/ucorefs"}, "check", "--timeout=1s")
	r.want(t, jobspec.ExitConfig)
}

// A root is known by the record of an earlier run. Seen to fail where the folder was only opened.
func TestCheckTellsARootThatIsAnotherFolder(t *testing.T) {
	s, root := mongotest.New(t), t.TempDir()
	create(t, s, "file_records")
	record := bson.D{{Key: "_id", Value: root}, {Key: "file_system", Value: "1:1"}, {Key: "inode", Value: "1"},
		{Key: "marker", Value: ""}}
	if _, err := s.DB.Collection("maintenance_roots").InsertOne(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	r := checkOf(t, s, jobspec.ExitConfig, "--library-root="+root)
	if !strings.Contains(strings.Join(r.Problems, "\n"), "is another folder than it was") {
		t.Errorf("%q", r.Problems)
	}
}

// A new field of the application is noticed.
func TestCheckNamesReferencesThatAreNotDeclared(t *testing.T) {
	s := mongotest.New(t)
	l := librarytest.GenerateWith(1, librarytest.Options{Prefix: "/library", Roots: 1, Directories: 5, Files: 30, Tags: 5})
	if err := l.Insert(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c"} {
		doc := bson.D{{Key: "_id", Value: id}, {Key: "pinned_file_id", Value: l.Docs["file_records"][0][0].Value}}
		if _, err := s.DB.Collection("boards").InsertOne(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	r := checkOf(t, s, jobspec.ExitOK)
	if diff := cmp.Diff([]string{"boards.pinned_file_id: 3 of 3 sampled values are ids of file_records"},
		r.Undeclared); diff != "" {
		t.Error(diff)
	}
}

// Ids in documents that expire are references as long as most lead somewhere, and a field that only a part of the files
// has may be in neither the oldest nor the newest. Seen to fail when all fields of an expiring collection were left
// out, and when the sample had no middle.
func TestCheckFindsFieldsThatAreHardToSee(t *testing.T) {
	for name, c := range map[string]struct {
		collection, field string
		holds             func(i int, file bson.ObjectID) any // of 300 documents; nil: nothing
		found             bool
	}{
		"documents that expire": {"tasks", "file_id", func(_ int, file bson.ObjectID) any { return file }, true},
		"history of which most is gone": {"journal", "subject_id", func(i int, file bson.ObjectID) any {
			return []any{file, bson.NewObjectID(), bson.NewObjectID()}[i%3]
		}, false},
		"a third of the files, in a row": {"file_records", "twin_id", func(i int, file bson.ObjectID) any {
			return map[bool]any{true: file}[i > 20 && i <= 120]
		}, true},
		"a third of the files, here and there": {"file_records", "twin_id", func(i int, file bson.ObjectID) any {
			return map[bool]any{true: file}[i > 20 && i < 280 && i%3 == 0]
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, docs := mongotest.New(t), map[string][]any{}
			for i := range 300 {
				file := bson.NewObjectID()
				docs["file_records"] = append(docs["file_records"], bson.D{{Key: "_id", Value: file}})
				docs["tasks"] = append(docs["tasks"], bson.D{{Key: "_id", Value: i}})
				docs["journal"] = append(docs["journal"], bson.D{{Key: "_id", Value: i}})
				of := docs[c.collection]
				of[i] = append(of[i].(bson.D), bson.E{Key: c.field, Value: c.holds(i, file)})
			}
			for collection, all := range docs {
				if _, err := s.DB.Collection(collection).InsertMany(t.Context(), all); err != nil {
					t.Fatal(err)
				}
			}
			said := strings.Join(checkOf(t, s, jobspec.ExitOK).Undeclared, "\n")
			if found := strings.HasPrefix(said, c.collection+"."+c.field+": "); found != c.found {
				t.Errorf("it says %q", said)
			}
		})
	}
}

func create(t *testing.T, s mongotest.Server, collections ...string) {
	t.Helper()
	for _, name := range collections {
		if err := s.DB.CreateCollection(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheckReadsADeclaration(t *testing.T) {
	s, file := mongotest.New(t), filepath.Join(t.TempDir(), "library.yaml")
	create(t, s, "orders")
	const text = "library: shop\ncollections: {orders: orders, lines: lines}\nreferences: [{from: lines.order_id, to: " +
		"orders, counts: order}]\n" +
		"counters: [{field: orders.lines, count: lines.order_id}]\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := checkOf(t, s, jobspec.ExitOK, "--library="+file)
	for name, note := range map[string]string{
		jobspec.RebuildAlbumReferences: "the declaration shop has no mirrors",
		jobspec.RebuildAllCounts:       "leaves orders.lines as it is: what it counts does not exist",
	} {
		i := slices.IndexFunc(r.Tasks, func(task check.Task) bool { return task.Name == name })
		if r.Library != "shop" || !strings.Contains(r.Tasks[i].Note, note) {
			t.Errorf("%s: %+v", r.Library, r.Tasks[i])
		}
	}
}

func TestCheckOfAServerThatWantsCredentials(t *testing.T) {
	uri := securedLibrary(t, "alice", "s3cr3t-wort")
	right := map[string]string{"MONGODB_URI": strings.Replace(uri, "://", "://alice:s3cr3t-wort@", 1)}
	job(t, right, "check").want(t, jobspec.ExitOK)
	wrong := job(t, map[string]string{"MONGODB_URI": strings.Replace(uri, "://", "://alice:wrong-wort@", 1)}, "check")
	wrong.want(t, jobspec.ExitConfig)
	wrong.hides(t, "wrong-wort")
}
