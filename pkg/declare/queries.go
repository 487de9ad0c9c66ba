package declare

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// Query is a filter that a sampled document stores.
type Query struct {
	Field  library.Field
	ID     bsonvalue.ID // of the document
	In     string       // the collection that it seems to be about
	Filter bson.Raw
}

// Match is how many documents a stored query matches.
type Match struct {
	Query
	N int64
}

// maxQueries bounds how many stored queries of one field are counted.
const maxQueries = 20

// Queries are the documents inside sampled documents that read as filters over a collection: each of their keys is a
// field of it. What runs code on the server is none.
func Queries(samples []Sample) (queries []Query) {
	fields := map[string][]string{}
	for _, s := range samples {
		fields[s.Collection] = fieldsOf(s, func(bson.RawValue) bool { return true })
	}
	for _, s := range samples {
		for _, name := range fieldsOf(s, func(v bson.RawValue) bool { return v.Type == bson.TypeEmbeddedDocument }) {
			queries = append(queries, queriesOf(s, name, fields)...)
		}
	}
	return queries
}

func queriesOf(s Sample, name string, fields map[string][]string) (queries []Query) {
	in := ""
	for _, doc := range s.Docs {
		filter, ok := doc.Lookup(name).DocumentOK()
		if !ok || len(queries) == maxQueries {
			continue
		}
		keys := keysOf(filter)
		if len(keys) == 0 {
			continue // an empty one is as often a default that nobody set
		}
		if in == "" {
			in = filtered(keys, s.Collection, fields)
		}
		if in == "" || runsCode(filter) || !allAmong(keys, fields[in]) {
			return nil
		}
		queries = append(queries, Query{
			Field: library.Field{Collection: s.Collection, Name: name}, ID: bsonvalue.Of(doc.Lookup("_id")), In: in,
			Filter: filter,
		})
	}
	return queries
}

// filtered is the one other collection that has all these fields; empty: there is none, or are several.
func filtered(keys []string, own string, fields map[string][]string) (in string) {
	for collection, names := range fields {
		if collection == own || !allAmong(keys, names) {
			continue
		}
		if in != "" {
			return ""
		}
		in = collection
	}
	return in
}

func allAmong(keys, names []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(names, key) })
}

// keysOf are the fields that a filter names, those inside $and and $or included.
func keysOf(filter bson.Raw) (keys []string) {
	elements, err := filter.Elements()
	if err != nil {
		return nil
	}
	for _, e := range elements {
		if !strings.HasPrefix(e.Key(), "$") {
			name, _, _ := strings.Cut(e.Key(), ".")
			keys = append(keys, name)
			continue
		}
		for _, part := range documentsIn(e.Value()) {
			keys = append(keys, keysOf(part)...)
		}
	}
	return keys
}

func documentsIn(v bson.RawValue) (documents []bson.Raw) {
	array, ok := v.ArrayOK()
	if !ok {
		return nil
	}
	values, _ := array.Values()
	for _, v := range values {
		if doc, ok := v.DocumentOK(); ok {
			documents = append(documents, doc)
		}
	}
	return documents
}

// runsCode tells whether a filter has the server run code.
func runsCode(filter bson.Raw) bool {
	text := filter.String()
	return slices.ContainsFunc([]string{`"$where"`, `"$function"`, `"$accumulator"`, `"$expr"`}, func(word string) bool {
		return strings.Contains(text, word)
	})
}
