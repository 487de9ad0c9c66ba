package mongodb_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/roots"
)

// readerMethods are all that a Reader can do. Before you add one here, see to it that it sends no command that
// writes: whoever has a Reader may hold no lock.
var readerMethods = []string{
	"At", // another Reader
	"Census", "Collections", "CollectionsOf", "Comparison",
	"Connection", // for the packages below this one
	"Count", "Databases", "Document", "Documents", "Estimate", "Existing", "Facts", "Find", "Folds",
	"FromSecondary", // another Reader
	"Greatest", "IsEmpty", "IsHeld", "Members", "Name", "Ranges", "Sample", "Scan", "ScanParts", "ScanRanges", "Size",
	"Time", "Values",
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
	mayWrite := []string{
		"Writer", "checkpoints", "Journal",
		"Database", "heldLock", // the records of locks
		"Shares", // what the processes of one run tell each other, beside the checkpoints; they hold no lock
	}
	found := 0
	for _, f := range functions(t, ".", "stores", "admin") {
		if !writes(f.FuncDecl) {
			continue
		}
		found++
		if !slices.Contains(mayWrite, receiver(f.FuncDecl)) && !takesWriter(f.FuncDecl) {
			t.Errorf("%s writes, and is neither given a Writer nor a method of what holds a lock", f.name())
		}
	}
	if found == 0 {
		t.Error("no function writes at all: is the list of the driver's methods right?")
	}
}

// function is one of the product's, with its package.
type function struct {
	pkg string
	*ast.FuncDecl
}

func (f function) name() string { return f.pkg + "." + f.Name.Name }

// functions are those of some folders, without tests.
func functions(t *testing.T, folders ...string) (list []function) {
	t.Helper()
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
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
					list = append(list, function{file.Name.Name, f})
				}
			}
		}
	}
	return list
}

// takesWriter tells whether a function is given a *mongodb.Writer.
func takesWriter(f *ast.FuncDecl) bool {
	return slices.ContainsFunc(f.Type.Params.List, func(p *ast.Field) bool {
		pointer, ok := p.Type.(*ast.StarExpr)
		if !ok {
			return false
		}
		of, ok := pointer.X.(*ast.SelectorExpr)
		return ok && of.Sel.Name == "Writer"
	})
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
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	name, _ := of.(*ast.Ident)
	return name.Name
}

// everyWrite calls each function that writes, by its name.
func everyWrite(ctx context.Context, w *mongodb.Writer) map[string]func() error {
	key := checkpoint.Key{Task: "task"}
	one := []mongodb.Deletion{{ID: bsonvalue.Int(1)}}
	j := stores.NewJournal(w, "victim")
	return map[string]func() error{
		"Writer.Update": func() error { _, err := w.Update(ctx, mongotest.Things, mongotest.Updates(1)); return err },
		"Writer.Delete": func() error { _, err := w.Delete(ctx, mongotest.Things, one); return err },
		"Writer.InsertOnce": func() error {
			_, err := w.InsertOnce(ctx, mongotest.Things, bson.D{{Key: "_id", Value: "new"}})
			return err
		},
		"Journal.Update":    func() error { _, err := j.Update(ctx, mongotest.Things, mongotest.Updates(1)); return err },
		"Journal.Delete":    func() error { _, _, err := j.Delete(ctx, mongotest.Things, one); return err },
		"Journal.Enter":     func() error { return j.Enter(ctx, "task") },
		"admin.CreateIndex": func() error { return admin.CreateIndex(ctx, w, mongotest.Things, "v_1", []string{"v"}, false) },
		"admin.Build": func() error {
			return admin.Build(ctx, w, mongotest.Things, mongo.IndexModel{Keys: bson.D{{Key: "v", Value: 1}}})
		},
		"admin.Compact": func() error { _, err := admin.Compact(ctx, w, w.Reader, mongotest.Things); return err },
		"stores.NoteMissing": func() error {
			return stores.NoteMissing(ctx, w,
				[]stores.MissingNote{{Record: bsonvalue.Int(1)}})
		},
		"stores.ForgetMissing": func() error { return stores.ForgetMissing(ctx, w, []bsonvalue.ID{bsonvalue.Int(1)}) },
		"stores.SaveRoot":      func() error { return stores.SaveRoot(ctx, w, roots.Known{Path: "/data"}) },
		"stores.Restore":       func() error { _, err := stores.Restore(ctx, w, "before"); return err },
		"checkpoints.Save":     func() error { return stores.Checkpoints(w).Save(ctx, key, bson.D{}) },
		"checkpoints.Clear":    func() error { return stores.Checkpoints(w).Clear(ctx, key.Task) },
	}
}

// What is added to Writer, to stores or to admin and writes must be among those of which TestALostLockEndsTheRun sees
// that they ask for the lock.
func TestEveryWriteIsKnown(t *testing.T) {
	known := everyWrite(t.Context(), nil)
	harmless := []string{
		"Writer.Applied", "Writer.Bulk", "Writer.MayWrite", // one reads, one is for the packages below, one asks for the lock
		"Writer.TakeRefusals",                     // tells what was refused
		"stores.Checkpoints", "stores.NewJournal", // give what writes
	}
	for _, f := range functions(t, ".", "stores", "admin") {
		name, of := f.name(), receiver(f.FuncDecl)
		if slices.Contains([]string{"Writer", "Journal", "checkpoints"}, of) {
			name = of + "." + f.Name.Name
		} else if !takesWriter(f.FuncDecl) {
			continue
		}
		if _, ok := known[name]; ast.IsExported(f.Name.Name) && !ok && !slices.Contains(harmless, name) {
			t.Errorf("%s may write and is not in everyWrite", name)
		}
	}
}

// deletedBefore leaves a journal entry for a document that an earlier run deleted, so that there is something to
// restore.
func deletedBefore(t *testing.T, s mongotest.Server) {
	t.Helper()
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 2}, {Key: "v", Value: 1}})
	deletion := []mongodb.Deletion{{ID: bsonvalue.Int(2)}}
	if n, _, err := stores.NewJournal(s.Writer(t), "before").Delete(t.Context(), mongotest.Things, deletion); err != nil ||
		n != 1 {
		t.Fatalf("%d deleted, %v", n, err)
	}
}

// A released lease is as good as a lost one. Seen to fail when a Writer did not ask for its lock.
func TestAWriterOfAReleasedLeaseWritesNothing(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}})
	_, lease, err := s.Connect(t, nil).Lock(t.Context(), request("over", ""))
	if err != nil {
		t.Fatal(err)
	}
	w := lease.Writer()
	lease.Release(t.Context())
	if _, err := w.Update(t.Context(), mongotest.Things, mongotest.Updates(1)); err == nil ||
		mongotest.Value(t, s, 1) != "1" {
		t.Errorf("the document holds %s, %v", mongotest.Value(t, s, 1), err)
	}
}

// Seen to fail when a Reader's store saved.
func TestAReadersCheckpointsKeepNothing(t *testing.T) {
	s := mongotest.New(t)
	store, key := stores.SavedCheckpoints(s.Connect(t, nil).Reader()), checkpoint.Key{Task: "task"}
	if err := stores.Checkpoints(s.Writer(t)).Save(t.Context(), key, bson.D{{Key: "at", Value: "one"}}); err != nil {
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
