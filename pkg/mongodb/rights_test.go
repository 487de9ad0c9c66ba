package mongodb_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/roots"
)

// readerMethods are all that a Reader can do. Before you add one here, see to it that it sends no command that
// writes: whoever has a Reader may hold no lock.
var readerMethods = []string{
	"Checkpoints", // a store that keeps nothing
	"Collections", "CollectionsOf", "Count", "Databases", "Document", "Documents", "Duplicates", "Estimate", "Existing", "Facts",
	"Indexes", "KnownRoots", "Meter", "MissingNotes", "Name", "PreviewRestore", "Rights", "Sample", "Scan",
	"Space", // may send compact, with dryRun
	"Time",
}

func methods(of reflect.Type) (names []string) {
	for i := range of.NumMethod() {
		if name := of.Method(i).Name; name != "With" { // of export_test.go
			names = append(names, name)
		}
	}
	return names
}

func TestAReaderHasNoMethodThatWrites(t *testing.T) {
	if diff := cmp.Diff(readerMethods, methods(reflect.TypeFor[*mongodb.Reader]())); diff != "" {
		t.Errorf("methods of *Reader (-known +there):\n%s", diff)
	}
}

func TestOnlyAnExclusiveLeaseGivesAWriter(t *testing.T) {
	writer := reflect.TypeFor[*mongodb.Writer]()
	for _, of := range []reflect.Type{
		reflect.TypeFor[*mongodb.Database](), reflect.TypeFor[*mongodb.Reader](), reflect.TypeFor[*mongodb.SharedLease](),
	} {
		for i := range of.NumMethod() {
			if m := of.Method(i); m.Type.NumOut() > 0 && m.Type.Out(0) == writer {
				t.Errorf("%s.%s gives a Writer", of, m.Name)
			}
		}
	}
}

// driverWrites are the driver's methods by which this package writes, or might.
var driverWrites = []string{
	"BulkWrite", "CreateCollection", "CreateMany", "CreateOne", "DeleteMany", "DeleteOne", "Drop", "DropAll", "DropOne",
	"FindOneAndDelete", "FindOneAndReplace", "FindOneAndUpdate", "InsertMany", "InsertOne", "ReplaceOne",
	"UpdateByID", "UpdateMany", "UpdateOne",
}

// Seen to fail when Reader had a method that called InsertOne.
func TestWritesAreSentOnlyUnderALockAndForIt(t *testing.T) {
	mayWrite := []string{"Writer", "checkpoints", "Database", "heldLock"} // the last two write the records of locks
	found := 0
	for _, f := range functions(t) {
		if !writes(f) {
			continue
		}
		found++
		if !slices.Contains(mayWrite, receiver(f)) {
			t.Errorf("%s writes, and its receiver is %q, which holds no lock", f.Name.Name, receiver(f))
		}
	}
	if found == 0 {
		t.Error("no function writes at all: is the list of the driver's methods right?")
	}
}

// functions are those of this package, without its tests.
func functions(t *testing.T) (list []*ast.FuncDecl) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				list = append(list, f)
			}
		}
	}
	return list
}

func writes(f *ast.FuncDecl) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		found = found || ok && slices.Contains(driverWrites, method.Sel.Name)
		return true
	})
	return found
}

// receiver is the name of the type that a method belongs to.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of := f.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	name, _ := of.(*ast.Ident)
	return name.Name
}

// everyWrite calls each method of a Writer that writes, by its name.
func everyWrite(ctx context.Context, w *mongodb.Writer) map[string]func() error {
	key := checkpoint.Key{Task: "task"}
	one := []mongodb.Deletion{{ID: bsonvalue.Int(1)}}
	return map[string]func() error{
		"Update":            func() error { _, err := w.Update(ctx, things, updates(1)); return err },
		"UpdateJournaled":   func() error { _, err := w.UpdateJournaled(ctx, "victim", things, updates(1)); return err },
		"Delete":            func() error { _, err := w.Delete(ctx, things, one); return err },
		"DeleteJournaled":   func() error { _, _, err := w.DeleteJournaled(ctx, "victim", things, one); return err },
		"InsertOnce":        func() error { _, err := w.InsertOnce(ctx, things, bson.D{{Key: "_id", Value: "new"}}); return err },
		"CreateIndex":       func() error { return w.CreateIndex(ctx, things, "v_1", []string{"v"}, false) },
		"Compact":           func() error { _, err := w.Compact(ctx, things); return err },
		"NoteMissing":       func() error { return w.NoteMissing(ctx, []mongodb.MissingNote{{Record: bsonvalue.Int(1)}}) },
		"ForgetMissing":     func() error { return w.ForgetMissing(ctx, []bsonvalue.ID{bsonvalue.Int(1)}) },
		"SaveRoot":          func() error { return w.SaveRoot(ctx, roots.Known{Path: "/data"}) },
		"Restore":           func() error { _, err := w.Restore(ctx, "before"); return err },
		"Checkpoints.Save":  func() error { return w.Checkpoints().Save(ctx, key, bson.D{}) },
		"Checkpoints.Clear": func() error { return w.Checkpoints().Clear(ctx, key.Task) },
	}
}

// A method that is added to Writer must be among those of which TestALostLockEndsTheRun sees that they ask for the
// lock.
func TestEveryWriteIsKnown(t *testing.T) {
	known := []string{"Checkpoints", "Applied"} // the one only gives a store, the other reads
	for name := range maps.Keys(everyWrite(t.Context(), nil)) {
		if !strings.HasPrefix(name, "Checkpoints.") {
			known = append(known, name)
		}
	}
	reads := methods(reflect.TypeFor[*mongodb.Reader]())
	own := slices.DeleteFunc(methods(reflect.TypeFor[*mongodb.Writer]()), func(name string) bool {
		return name != "Checkpoints" && slices.Contains(reads, name)
	})
	slices.Sort(known)
	if diff := cmp.Diff(known, own); diff != "" {
		t.Errorf("methods of *Writer that *Reader has not (-known +there):\n%s", diff)
	}
}

// deletedBefore leaves a journal entry for a document that an earlier run deleted, so that there is something to
// restore.
func deletedBefore(t *testing.T, s mongotest.Server) {
	t.Helper()
	put(t, s, bson.D{{Key: "_id", Value: 2}, {Key: "v", Value: 1}})
	deletion := []mongodb.Deletion{{ID: bsonvalue.Int(2)}}
	if n, _, err := s.Writer(t).DeleteJournaled(t.Context(), "before", things, deletion); err != nil || n != 1 {
		t.Fatalf("%d deleted, %v", n, err)
	}
}

// A released lease is as good as a lost one. Seen to fail when a Writer did not ask for its lock.
func TestAWriterOfAReleasedLeaseWritesNothing(t *testing.T) {
	s := mongotest.New(t)
	put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}})
	_, lease, err := s.Connect(t, nil).Lock(t.Context(), request("over", ""))
	if err != nil {
		t.Fatal(err)
	}
	w := lease.Writer()
	lease.Release(t.Context())
	if _, err := w.Update(t.Context(), things, updates(1)); err == nil || value(t, s, 1) != "1" {
		t.Errorf("the document holds %s, %v", value(t, s, 1), err)
	}
}

// Seen to fail when a Reader's store saved.
func TestAReadersCheckpointsKeepNothing(t *testing.T) {
	s := mongotest.New(t)
	store, key := s.Connect(t, nil).Reader().Checkpoints(), checkpoint.Key{Task: "task"}
	if err := s.Writer(t).Checkpoints().Save(t.Context(), key, bson.D{{Key: "at", Value: "one"}}); err != nil {
		t.Fatal(err)
	}
	if err := store.Save(t.Context(), key, bson.D{{Key: "at", Value: "two"}}); err != nil {
		t.Fatal(err)
	}
	if err := store.Clear(t.Context(), key.Task); err != nil {
		t.Fatal(err)
	}
	state, err := store.Load(t.Context(), key)
	if at, _ := state.Lookup("at").StringValueOK(); err != nil || at != "one" {
		t.Errorf("it holds %s, %v", state, err)
	}
}
