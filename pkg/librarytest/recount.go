package librarytest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

// Counters are what counters should be: by collection, by Key of the document's _id, by field. A smart album whose query
// Recount cannot judge is absent: nobody can say what it counts, so its counter must stay untouched.
type Counters map[string]map[string]map[string]int64

// Recount derives every counter from the documents in the slow and obvious way.
//
// A tag counts a file once even if its id stands twice in tag_ids; tag_ids that are no array count for nothing. child_count is
// the files and directories whose parent_id it is; a directory that is its own parent is not its own child. file_count and
// total_size are of the files in all directories that can be reached downwards, itself included, each once: every member of a
// cycle counts all of the cycle. A size counts if it is a positive finite number, truncated. A manual album counts its distinct
// file_ids that exist; a smart one counts what its query finds. Ids compare as MongoDB's equality does.
func Recount(docs map[string][]bson.Raw) Counters {
	r := recount{m: library.UCoreFS(), docs: docs, counters: Counters{}}
	r.tags()
	r.albums()
	r.directories()
	return r.counters
}

type recount struct {
	m        library.Model
	docs     map[string][]bson.Raw
	counters Counters
}

func (r recount) want(collection, id, field string, n int64) {
	if r.counters[collection] == nil {
		r.counters[collection] = map[string]map[string]int64{}
	}
	if r.counters[collection][id] == nil {
		r.counters[collection][id] = map[string]int64{}
	}
	r.counters[collection][id][field] = n
}

func (r recount) tags() {
	files := map[string]int64{}
	for _, file := range r.docs[r.m.Files.Collection] {
		for id := range distinct(file.Lookup(r.m.Files.Tags)) {
			files[id]++
		}
	}
	for _, tag := range r.docs[r.m.Tags.Collection] {
		id := idOf(tag)
		r.want(r.m.Tags.Collection, id, r.m.Tags.FileCount, files[id])
	}
}

func idOf(doc bson.Raw) string { return Key(doc.Lookup("_id")) }

// distinct are the ids that an array holds; what is no array holds none.
func distinct(list bson.RawValue) map[string]bool {
	ids := map[string]bool{}
	array, ok := list.ArrayOK()
	if !ok {
		return ids
	}
	values, err := array.Values()
	if err != nil {
		return ids
	}
	for _, v := range values {
		if refers(v) {
			ids[Key(v)] = true
		}
	}
	return ids
}

func (r recount) albums() {
	m, exists := r.m.Albums, map[string]bool{}
	for _, file := range r.docs[r.m.Files.Collection] {
		exists[idOf(file)] = true
	}
	for _, album := range r.docs[m.Collection] {
		if smart, _ := album.Lookup(m.IsSmart).BooleanOK(); smart {
			if n, ok := countMatching(r.docs[r.m.Files.Collection], album.Lookup(m.Query)); ok {
				r.want(m.Collection, idOf(album), m.FileCount, n)
			}
			continue
		}
		n := int64(0)
		for id := range distinct(album.Lookup(m.Files)) {
			if exists[id] {
				n++
			}
		}
		r.want(m.Collection, idOf(album), m.FileCount, n)
	}
}

func (r recount) directories() {
	m := r.m.Directories
	files := byParent(r.docs[r.m.Files.Collection], r.m.Files.Parent)
	dirs := byParent(r.docs[m.Collection], m.Parent)
	for _, dir := range r.docs[m.Collection] {
		id := idOf(dir)
		children, below, bytes := len(files[id]), 0, int64(0)
		for _, sub := range dirs[id] {
			if idOf(sub) != id {
				children++
			}
		}
		for one := range reachable(id, dirs) {
			below += len(files[one])
			for _, file := range files[one] {
				bytes += sizeOf(file.Lookup(r.m.Files.Size))
			}
		}
		r.want(m.Collection, id, m.ChildCount, int64(children))
		r.want(m.Collection, id, m.FileCount, int64(below))
		r.want(m.Collection, id, m.TotalSize, bytes)
	}
}

func byParent(docs []bson.Raw, field string) map[string][]bson.Raw {
	children := map[string][]bson.Raw{}
	for _, doc := range docs {
		if parent := doc.Lookup(field); refers(parent) {
			children[Key(parent)] = append(children[Key(parent)], doc)
		}
	}
	return children
}

// reachable are a directory and every directory below it.
func reachable(id string, dirs map[string][]bson.Raw) map[string]bool {
	seen, next := map[string]bool{id: true}, []string{id}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		for _, sub := range dirs[at] {
			if key := idOf(sub); !seen[key] {
				seen[key] = true
				next = append(next, key)
			}
		}
	}
	return seen
}

// sizeOf is the bytes that a size counts for: a positive finite number, truncated; anything else counts 0.
func sizeOf(v bson.RawValue) int64 {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return max(0, v.AsInt64())
	case bson.TypeDouble:
		if f := v.Double(); f > 0 && !math.IsInf(f, 0) {
			return int64(f)
		}
	}
	return 0
}
