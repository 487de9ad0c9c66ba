package cleanuporphanedfilerecords

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/report"
)

// judged are the collections that the task reads; no other is inserted.
var judged = []string{"file_records", "albums", "embeddings"}

// generated is a fearless lab with a generated library in it, its files below one folder.
func generated(t *testing.T, seed int64) (*lab, librarytest.Library) {
	l, made := fearless(t), librarytest.Generate(seed, librarytest.Tiny)
	l.o.LibraryRoots, l.o.PathMaps = nil, nil
	l.must(made.WriteFiles(l.root))
	for _, r := range made.Roots {
		onDisk := filepath.Join(l.root, r.Rel)
		l.o.LibraryRoots, l.o.PathMaps = append(l.o.LibraryRoots, onDisk), append(l.o.PathMaps, r.Path+"="+onDisk)
	}
	if len(made.Roots) == 0 {
		l.o.LibraryRoots = []string{l.root}
	}
	for _, c := range judged {
		for _, doc := range made.Docs[c] {
			l.insert(c, doc)
		}
	}
	return l, made
}

// oracle is what must be left of a library, the slow way: the generator says which files it did not write.
func oracle(made librarytest.Library) map[string]string {
	gone := map[string]bool{}
	for _, g := range made.Missing {
		_, raw, _ := bson.MarshalValue(g.ID)
		gone[librarytest.Key(bson.RawValue{Type: typeOf(g.ID), Value: raw})] = true
	}
	left := map[string]string{}
	all := librarytest.Raw(made.Docs)
	for _, collection := range judged {
		for _, doc := range all[collection] {
			switch collection {
			case "file_records":
				if gone[librarytest.Key(doc.Lookup("_id"))] {
					continue
				}
			case "embeddings":
				if gone[librarytest.Key(doc.Lookup("file_id"))] {
					continue
				}
			case "albums":
				doc = albumWithout(doc, gone)
			}
			left[collection+" "+doc.Lookup("_id").String()] = string(doc)
		}
	}
	return left
}

func typeOf(v any) bson.Type {
	kind, _, _ := bson.MarshalValue(v)
	return kind
}

// albumWithout rewrites an album element by element.
func albumWithout(doc bson.Raw, gone map[string]bool) bson.Raw {
	elements, _ := doc.Elements()
	removed := map[string]bool{}
	var album bson.D
	for _, e := range elements {
		v := any(e.Value())
		if list, ok := e.Value().ArrayOK(); ok && e.Key() == "file_ids" {
			rest := bson.A{}
			values, _ := list.Values()
			for _, id := range values {
				if key := librarytest.Key(id); gone[key] {
					removed[key] = true
				} else {
					rest = append(rest, id)
				}
			}
			v = rest
		}
		if e.Key() == "cover_id" && gone[librarytest.Key(e.Value())] {
			v = nil
		}
		album = append(album, bson.E{Key: e.Key(), Value: v})
	}
	smart, _ := doc.Lookup("is_smart").BooleanOK()
	for i, e := range album {
		if old, ok := e.Value.(bson.RawValue); ok && e.Key == "file_count" && !smart && len(removed) > 0 {
			if n, ok := old.AsFloat64OK(); ok && n == math.Trunc(n) && n >= float64(len(removed)) {
				album[i].Value = int64(n) - int64(len(removed))
			}
		}
	}
	raw, _ := bson.Marshal(album)
	return raw
}

func TestOnGeneratedLibrariesExactlyTheRecordsOfMissingFilesGo(t *testing.T) {
	for seed := range int64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l, made := generated(t, seed)
			r := l.run()
			if r.Outcome == report.Refused && aRootHasNoFile(made) {
				return // right: that cannot be told from an unmounted disk
			}
			if diff := cmp.Diff(oracle(made), l.state()); diff != "" {
				t.Fatalf("%s: %s %q\n(-oracle +database):\n%s", r.Outcome, r.Message, r.Warnings, diff)
			}
			n := int64(len(made.Missing))
			want := report.Counts{"filesChecked": int64(len(made.Docs["file_records"])), "recordsMissing": n, "recordsDeleted": n, "directoriesUnknown": 0}
			if diff := cmp.Diff(want, r.Counts); diff != "" || r.Outcome != report.Succeeded {
				t.Errorf("%s: %s\ncounts (-want +got):\n%s", r.Outcome, r.Message, diff)
			}
			if l.run(); len(l.sent) > 0 {
				t.Errorf("the second run wrote: %v", l.sent)
			}
		})
	}
}

// aRootHasNoFile tells whether all files recorded in some root are missing.
func aRootHasNoFile(made librarytest.Library) bool {
	for _, root := range made.Roots {
		recorded, missing := 0, 0
		for _, doc := range librarytest.Raw(made.Docs)["file_records"] {
			if within(doc.Lookup("path").StringValue(), root.Path) {
				recorded++
			}
		}
		for _, g := range made.Missing {
			if within(g.Path, root.Path) {
				missing++
			}
		}
		if recorded > 0 && recorded == missing {
			return true
		}
	}
	return false
}

func within(path, folder string) bool {
	return len(path) > len(folder) && path[:len(folder)+1] == folder+"/"
}
