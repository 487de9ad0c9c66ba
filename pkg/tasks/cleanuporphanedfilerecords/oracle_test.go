package cleanuporphanedfilerecords

import (
	"path/filepath"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
)

// generated is a fearless lab with a generated library in it, its files below one folder.
func generated(t *testing.T, layout librarytest.Layout, seed int64) (*lab, librarytest.Library) {
	l, made := fearless(t), layout.Generate(seed, librarytest.Tiny)
	l.layout, l.o.LibraryRoots, l.o.PathMaps = layout, nil, nil
	l.must(made.WriteFiles(l.root), made.Insert(t.Context(), l.server.DB))
	for _, r := range made.Roots {
		onDisk := filepath.Join(l.root, r.Rel)
		l.o.LibraryRoots, l.o.PathMaps = append(l.o.LibraryRoots, onDisk), append(l.o.PathMaps, r.Path+"="+onDisk)
	}
	if len(made.Roots) == 0 {
		l.o.LibraryRoots = []string{l.root}
	}
	return l, made
}

// expectation is what a run should do, the slow way: the generator says which files it did not write.
type expectation struct {
	outcome                   report.Outcome
	left                      librarytest.Docs
	checked, deleted, without int64
	unknown                   int64 // roots
	empty                     int64 // roots without records, which the library does not record as roots
}

func expect(l *lab, made librarytest.Library) (e expectation) {
	docs := made.Raw()
	var gone []string
	for _, root := range made.Roots {
		missing, recorded := map[string]bool{}, int64(0)
		for _, g := range made.Missing {
			if within(g.Path, root.Path) {
				missing[librarytest.KeyOf(g.ID)] = true
			}
		}
		for _, doc := range docs["file_records"] {
			virtual, _ := doc.Lookup("is_virtual").BooleanOK()
			switch {
			case !within(doc.Lookup("path").StringValue(), root.Path):
			case virtual:
				e.without++
			default:
				recorded++
			}
		}
		if recorded == 0 && made.Layout.String() == librarytest.Web.String() {
			e.empty++
		}
		if recorded > 0 && recorded == int64(len(missing)) {
			e.unknown++ // that cannot be told from an unmounted disk
			continue
		}
		e.checked += recorded
		for key := range missing {
			gone = append(gone, key)
		}
	}
	e.deleted, e.left = int64(len(gone)), made.Layout.Deleted(docs, "file_records", gone...)
	switch e.outcome = report.Succeeded; {
	case e.unknown > 0 && int(e.unknown) == len(l.o.LibraryRoots):
		e.outcome = report.Refused
	case e.unknown > 0, e.empty > 0 && e.checked > 0:
		e.outcome = report.Partial
	}
	return e
}

func TestOnGeneratedLibrariesExactlyTheRecordsOfMissingFilesGo(t *testing.T) {
	taskstest.Seeds(t, 60, func(t *testing.T, layout librarytest.Layout, seed int64) {
		l, made := generated(t, layout, seed)
		want := expect(l, made)
		r := l.run()
		if len(made.Docs) == 0 {
			if r.Reason != report.ReasonNoLibrary {
				t.Errorf("without a library: %s/%s: %s", r.Outcome, r.Reason, r.Message)
			}
			return
		}
		got, err := layout.Read(t.Context(), l.server.DB)
		l.must(err)
		for _, c := range layout.Collections() {
			taskstest.SameBytes(t, c, want.left[c], got[c])
		}
		if r.Outcome != want.outcome {
			t.Errorf("the run is %s/%s, want %s: %s", r.Outcome, r.Reason, want.outcome, r.Message)
		}
		n := map[string]int64{
			"filesChecked": want.checked, "recordsMissing": want.deleted, "recordsDeleted": want.deleted,
			"directoriesUnknown": want.unknown, "recordsWithoutFile": want.without,
		}
		for key, want := range n {
			if r.Counts[key] != want {
				t.Errorf("%s is %d, want %d", key, r.Counts[key], want)
			}
		}
		if l.run(); len(l.sent) > 0 {
			t.Errorf("the second run wrote: %v", l.sent)
		}
		if seed%4 > 0 {
			return
		}
		restored, err := stores.Restore(t.Context(), l.server.Writer(t), l.o.RunID)
		if err != nil || restored.Conflicts > 0 {
			t.Fatalf("restored %+v, %v", restored, err)
		}
		got, err = layout.Read(t.Context(), l.server.DB)
		l.must(err)
		for _, c := range layout.Collections() {
			taskstest.SameBytes(t, c+" restored", made.Raw()[c], got[c])
		}
	})
}

func within(path, folder string) bool {
	return len(path) > len(folder) && path[:len(folder)+1] == folder+"/"
}
