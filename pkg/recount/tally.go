// Package recount says what the counters of tags, manual albums and directories should be: it is given the documents, one after
// the other, and counts. It is pure: it reads no database and writes nothing.
//
// A tag counts each file whose tag_ids hold its id, once however often; tag_ids that are no array count for nothing. A manual
// album counts the different files of its file_ids that exist. A directory's child_count is the files and directories whose
// parent it is, though never itself; file_count and total_size are of the files in every directory that can be reached
// downwards from it, each once, so that the members of a cycle all count the whole cycle. A size that is no number above zero
// counts as no bytes.
//
// What a smart album counts only a server can say; that is not done here.
package recount

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Tally counts files, for the tags, albums and directories that it was told of before the first file. Its memory grows with
// those, and not with the files.
type Tally struct {
	m       library.Model
	tags    mongodb.IDMap[*int64]
	members mongodb.IDMap[bool] // the files that albums list, and whether each was met

	Directories Tree
	// Files is how many were added.
	Files int64
}

// NewTally is an empty tally of a library of model m.
func NewTally(m library.Model) *Tally { return &Tally{m: m} }

// FileFields are the fields of a file that AddFile looks at.
func FileFields(m library.Model) []string {
	return []string{m.Files.Tags, m.Files.Parent, m.Files.Size}
}

// AddTag has a tag counted.
func (t *Tally) AddTag(id mongodb.ID) { t.tags.Put(id, new(int64)) }

// AddMembers has the files that an album lists looked for.
func (t *Tally) AddMembers(files []mongodb.ID) {
	for _, id := range files {
		t.members.Put(id, false)
	}
}

// AddFile counts one file. Each file may be added once.
func (t *Tally) AddFile(doc bson.Raw) {
	t.Files++
	for tag := range mongodb.References(doc, t.m.Files.Tags) {
		if n, ok := t.tags.At(tag); ok {
			*n++
		}
	}
	id := mongodb.Reference(doc, "_id")
	if _, listed := t.members.At(id); listed {
		t.members.Put(id, true)
	}
	t.Directories.addFile(mongodb.Reference(doc, t.m.Files.Parent), bytesOf(doc.Lookup(t.m.Files.Size)))
}

// Reset forgets the files, so that those which follow are counted from none.
func (t *Tally) Reset() {
	t.Files = 0
	for _, n := range t.tags.All() {
		*n = 0
	}
	for id := range t.members.All() {
		t.members.Put(id, false)
	}
	t.Directories.reset()
}

// Tag is how many of the files have a tag.
func (t *Tally) Tag(id mongodb.ID) int64 {
	if n, ok := t.tags.At(id); ok {
		return *n
	}
	return 0
}

// Album is how many of the files that an album lists were met. The list must name none twice.
func (t *Tally) Album(files []mongodb.ID) (n int64) {
	for _, id := range files {
		if met, _ := t.members.At(id); met {
			n++
		}
	}
	return n
}

// Members are the files that albums list, each once.
func (t *Tally) Members() (ids []mongodb.ID) {
	for id := range t.members.All() {
		ids = append(ids, id)
	}
	return ids
}

// bytesOf is a size in bytes: a finite number above zero, its fraction cut off; anything else is none.
func bytesOf(v bson.RawValue) int64 {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return max(0, v.AsInt64())
	case bson.TypeDouble:
		if f := v.Double(); f > 0 && f < 1<<63 {
			return int64(f)
		}
	}
	return 0
}
