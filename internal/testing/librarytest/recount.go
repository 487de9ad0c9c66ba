package librarytest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Counters are what counters should be: by collection, by Key of the document's _id, by field. A smart album whose
// query cannot be judged is absent: nobody can say what it counts, so its counter must stay untouched.
type Counters map[string]map[string]map[string]int64

// Recount derives every counter of the layout from the documents in the slow and obvious way. Ids compare as
// MongoDB's equality does: 1 and 1.0 are one id, an ObjectID and its hex text are two. An array counts a document
// once even if it holds the id twice, except where its length is what counts. What should be an array and is none
// holds nothing. A size counts if it is a positive finite number, truncated. A directory counts what is directly in
// it: what has its _id in parent_id, itself too if it is its own parent.
func (l Layout) Recount(docs Docs) Counters {
	return l.recount(recount{docs: docs, counters: Counters{}})
}

// RecountRecursive is Recount with file_count and total_size of a directory over everything below it: the files in all
// directories that can be reached downwards, itself included, each once. Every member of a cycle counts all of it.
func (l Layout) RecountRecursive(docs Docs) Counters {
	return l.recount(recount{docs: docs, counters: Counters{}, recursive: true})
}

func (l Layout) recount(r recount) Counters {
	l.spec().recount(r)
	return r.counters
}

type recount struct {
	docs      Docs
	counters  Counters
	recursive bool
}

// tally is a number by the Key of an id.
type tally map[string]int64

// set gives every document of a collection its number.
func (r recount) set(collection, field string, numbers tally) {
	for _, doc := range r.docs[collection] {
		r.put(collection, doc, field, numbers[idOf(doc)])
	}
}

func (r recount) put(collection string, doc bson.Raw, field string, n int64) {
	if r.counters[collection] == nil {
		r.counters[collection] = map[string]map[string]int64{}
	}
	id := idOf(doc)
	if r.counters[collection][id] == nil {
		r.counters[collection][id] = map[string]int64{}
	}
	r.counters[collection][id][field] = n
}

// albums sets file_count: of a smart album what its query finds, of a manual one what manual says.
func (r recount) albums(query string, manual func(album bson.Raw) int64) {
	for _, album := range r.docs[albums] {
		n, ok := int64(0), true
		if isTrue(album, "is_smart") {
			n, ok = countMatching(r.docs[fileRecords], album.Lookup(query))
		} else {
			n = manual(album)
		}
		if ok {
			r.put(albums, album, "file_count", n)
		}
	}
}

// referring is how many documents hold an id in a field.
func (r recount) referring(from, field string) tally {
	return r.total(from, field, func(bson.Raw) int64 { return 1 })
}

// total is the sum of what the documents count for that hold an id in a field.
func (r recount) total(from, field string, counts func(doc bson.Raw) int64) tally {
	sums := tally{}
	for _, doc := range r.docs[from] {
		if id := doc.Lookup(field); refers(id) {
			sums[Key(id)] += counts(doc)
		}
	}
	return sums
}

// holding is how many documents have an id in an array.
func (r recount) holding(from, list string) tally {
	documents := tally{}
	for _, doc := range r.docs[from] {
		for _, id := range distinct(doc.Lookup(list)) {
			documents[id]++
		}
	}
	return documents
}

// plus is the sum of two tallies.
func (t tally) plus(other tally) tally {
	sum := tally{}
	for _, each := range []tally{t, other} {
		for id, n := range each {
			sum[id] += n
		}
	}
	return sum
}

// amount is what a field counts for in a sum: a positive finite number, truncated; anything else counts 0.
func amount(field string) func(doc bson.Raw) int64 {
	return func(doc bson.Raw) int64 {
		switch v := doc.Lookup(field); v.Type {
		case bson.TypeInt32, bson.TypeInt64:
			return max(0, v.AsInt64())
		case bson.TypeDouble:
			if f := v.Double(); f > 0 && !math.IsInf(f, 0) {
				return int64(f)
			}
		}
		return 0
	}
}
