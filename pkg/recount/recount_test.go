package recount_test

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
)

// The recount in librarytest shares no code with this package. That several tallies of parts add up to that of the whole is what
// a recount in pieces needs.
func TestTalliesOfAnyPartsOfTheFilesAddUpToTheRecount(t *testing.T) {
	m := library.UCoreFS()
	for seed := range int64(300) {
		docs := librarytest.Raw(librarytest.Generate(seed, librarytest.Tiny).Docs)
		files, parts := docs[m.Files.Collection], int(seed%3)+1
		got := map[string][3]int64{}
		for part := range parts {
			count(docs, files[len(files)*part/parts:len(files)*(part+1)/parts], got)
		}
		for collection, documents := range librarytest.Recount(docs) {
			for _, doc := range docs[collection] {
				want, id := documents[librarytest.Key(doc.Lookup("_id"))], mongodb.Reference(doc, "_id")
				if smart, _ := doc.Lookup(m.Albums.IsSmart).BooleanOK(); smart {
					continue
				}
				expected := [3]int64{want[m.Tags.FileCount], want[m.Directories.TotalSize], want[m.Directories.ChildCount]}
				if has := got[collection+id.String()]; has != expected {
					t.Errorf("seed %d in %d parts: %s %s counts %v, want %v", seed, parts, collection, id, has, expected)
				}
			}
		}
	}
}

// count adds to sums what a tally of some files says: the file count, the bytes, and the children.
func count(docs map[string][]bson.Raw, files []bson.Raw, sums map[string][3]int64) {
	m := library.UCoreFS()
	t, members := recount.NewTally(m), map[mongodb.ID][]mongodb.ID{}
	for _, tag := range docs[m.Tags.Collection] {
		t.AddTag(mongodb.Reference(tag, "_id"))
	}
	for _, album := range docs[m.Albums.Collection] {
		id := mongodb.Reference(album, "_id")
		members[id] = slices.Collect(mongodb.References(album, m.Albums.Files))
		t.AddMembers(members[id])
	}
	for _, dir := range docs[m.Directories.Collection] {
		t.Directories.Add(mongodb.Reference(dir, "_id"), mongodb.Reference(dir, m.Directories.Parent))
	}
	for _, file := range files {
		t.AddFile(file)
	}
	t.Directories.Fold()
	add := func(collection string, id mongodb.ID, n, bytes, children int64) {
		sum := sums[collection+id.String()]
		sums[collection+id.String()] = [3]int64{sum[0] + n, sum[1] + bytes, sum[2] + children}
	}
	for _, tag := range docs[m.Tags.Collection] {
		add(m.Tags.Collection, mongodb.Reference(tag, "_id"), t.Tag(mongodb.Reference(tag, "_id")), 0, 0)
	}
	for id, list := range members {
		add(m.Albums.Collection, id, t.Album(list), 0, 0)
	}
	for _, dir := range docs[m.Directories.Collection] {
		id := mongodb.Reference(dir, "_id")
		s, _ := t.Directories.At(id)
		children := s.Here
		if sums[m.Directories.Collection+id.String()+" seen"][0] == 0 { // sub-directories are the same in every part
			children += s.Directories
			sums[m.Directories.Collection+id.String()+" seen"] = [3]int64{1}
		}
		add(m.Directories.Collection, id, s.Files, s.Bytes, children)
	}
}
