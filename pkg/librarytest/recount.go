package librarytest

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

// Place is where a document stands in Docs.
type Place struct {
	Collection string
	Index      int
}

// Counter is one counter of one document and what it should be.
type Counter struct {
	Place
	Field string
	Want  int64
}

// Recounted is what all counters of a library should be.
type Recounted struct {
	Counters []Counter
	// Unjudged are the smart albums whose query is invalid: nobody can say what they count, so their counter must stay.
	Unjudged []Place
}

// Recount derives every counter from the documents in the slow and obvious way: for each tag it looks at every file, for each
// directory it walks all that is below it, and so on.
//
// A tag counts a file once even if its id stands twice; tag_ids that are no array count for nothing. A directory's file_count
// and total_size are of the files in all directories that can be reached downwards from it, each once, so that the members
// of a cycle all count the whole cycle; its child_count is every file and directory whose parent it is, itself included where it
// is its own parent. Ids compare as MongoDB's equality does.
func Recount(m library.Model, docs Docs) Recounted {
	r := recount{m: m, docs: docs}
	r.tags()
	r.albums()
	r.directories()
	return r.result
}

type recount struct {
	m      library.Model
	docs   Docs
	result Recounted
}

func (r *recount) want(collection string, index int, field string, n int64) {
	r.result.Counters = append(r.result.Counters, Counter{Place{collection, index}, field, n})
}

func (r *recount) tags() {
	for i, tag := range r.docs[r.m.Tags.Collection] {
		n := int64(0)
		for _, file := range r.docs[r.m.Files.Collection] {
			if holds(value(file, r.m.Files.Tags), value(tag, "_id")) {
				n++
			}
		}
		r.want(r.m.Tags.Collection, i, r.m.Tags.FileCount, n)
	}
}

// holds tells whether array is an array with id in it.
func holds(array, id any) bool {
	list, ok := array.(bson.A)
	if !ok {
		return false
	}
	for _, v := range list {
		if Equal(v, id) {
			return true
		}
	}
	return false
}

func (r *recount) albums() {
	m := r.m.Albums
	for i, album := range r.docs[m.Collection] {
		if value(album, m.IsSmart) != true {
			r.want(m.Collection, i, m.FileCount, r.filesOf(value(album, m.Files)))
			continue
		}
		if n, ok := r.matching(value(album, m.Query)); ok {
			r.want(m.Collection, i, m.FileCount, n)
		} else {
			r.result.Unjudged = append(r.result.Unjudged, Place{m.Collection, i})
		}
	}
}

// filesOf is how many distinct files that exist are in list.
func (r *recount) filesOf(list any) int64 {
	n := int64(0)
	for _, file := range r.docs[r.m.Files.Collection] {
		if holds(list, value(file, "_id")) {
			n++
		}
	}
	return n
}

// matching is how many files a smart query finds, and whether it is a query.
func (r *recount) matching(query any) (n int64, ok bool) {
	q, ok := query.(bson.D)
	if !ok || !valid(q) {
		return 0, false
	}
	for _, file := range r.docs[r.m.Files.Collection] {
		if matches(file, q) {
			n++
		}
	}
	return n, true
}

func (r *recount) directories() {
	m := r.m.Directories
	for i, dir := range r.docs[m.Collection] {
		children := len(r.filesIn(dir)) + len(r.directoriesIn(dir))
		files, bytes := int64(0), int64(0)
		for _, below := range r.reachable(dir) {
			for _, file := range r.filesIn(below) {
				files++
				bytes += sizeOf(value(file, r.m.Files.Size))
			}
		}
		r.want(m.Collection, i, m.ChildCount, int64(children))
		r.want(m.Collection, i, m.FileCount, files)
		r.want(m.Collection, i, m.TotalSize, bytes)
	}
}

func (r *recount) filesIn(dir bson.D) []bson.D {
	return below(r.docs[r.m.Files.Collection], r.m.Files.Parent, dir)
}

func (r *recount) directoriesIn(dir bson.D) []bson.D {
	return below(r.docs[r.m.Directories.Collection], r.m.Directories.Parent, dir)
}

func below(docs []bson.D, parent string, dir bson.D) (children []bson.D) {
	for _, doc := range docs {
		if Equal(value(doc, parent), value(dir, "_id")) {
			children = append(children, doc)
		}
	}
	return children
}

// reachable is dir and every directory below it, each once.
func (r *recount) reachable(dir bson.D) []bson.D {
	all := []bson.D{dir}
	for i := 0; i < len(all); i++ {
		for _, child := range r.directoriesIn(all[i]) {
			if !containsDocument(all, child) {
				all = append(all, child)
			}
		}
	}
	return all
}

func containsDocument(docs []bson.D, doc bson.D) bool {
	for _, d := range docs {
		if Equal(value(d, "_id"), value(doc, "_id")) {
			return true
		}
	}
	return false
}
