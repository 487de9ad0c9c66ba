package recount

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/scan"
)

// Query is a query that documents store, and how many documents match it is what they count.
type Query struct {
	In     string   // the collection that it is about
	Filter bson.Raw // nil where it must not be sent
	// Problem says why it must not be sent, or, if the caller found that out, why nobody can count it; empty: it may be
	// sent.
	Problem string
	// Key tells the query from all others of the library, in every run.
	Key string
	// Places are the counters that wait for the answer.
	Places []Place
	field  string
}

// Place is one counter of one document that has it.
type Place struct {
	Collection, Counter int
	ID                  bsonvalue.ID
}

// Queries are the queries of the documents that were met, each once whatever the number of documents that store it.
func (t *Tally) Queries() []*Query { return t.queries }

// Uncounted is the answer to a query that nobody can count.
const Uncounted = -1

// Answer takes over how many documents match a query. Where it is Uncounted, or has a Problem, its counters are not
// compared.
func (t *Tally) Answer(q *Query, n int64) {
	for _, p := range q.Places {
		d := &t.of[p.Collection]
		c, at := &d.columns[p.Counter], d.place(p.ID)
		if q.Problem == "" && n != Uncounted {
			c.known.set(at, max(0, n))
		} else {
			c.stored.leave(at)
		}
	}
}

// shownIDs is how many documents a warning names.
const shownIDs = 5

// Warning says, for a person, which counters were left alone because of the Problem.
func (q *Query) Warning() string {
	ids := make([]string, len(q.Places))
	for i, p := range q.Places {
		ids[i] = p.ID.String()
	}
	return fmt.Sprintf("%s was left alone in %s: %s", q.field, ellipsis.List(ids, shownIDs), q.Problem)
}

func (t *Tally) addQuery(p Place, stored bson.RawValue) {
	counter := t.of[p.Collection].collection.Counters[p.Counter]
	filter, problem := queryOf(stored, counter.Matching.Name)
	key := keyOf(p, problem, filter)
	if q := t.byKey[key]; q != nil {
		q.Places = append(q.Places, p)
		return
	}
	q := &Query{In: counter.In, Filter: slices.Clone(filter), Problem: problem, Key: key, field: counter.Field.String()}
	q.Places = []Place{p}
	t.queries, t.byKey[key] = append(t.queries, q), q
}

// keyOf is the hex SHA-256 of what tells queries apart.
func keyOf(p Place, problem string, filter bson.Raw) string {
	sum := sha256.Sum256(fmt.Append(nil, p.Collection, p.Counter, problem, string(filter)))
	return hex.EncodeToString(sum[:])
}

// queryOf is a stored query, or why it is none that may be sent.
func queryOf(v bson.RawValue, field string) (filter bson.Raw, problem string) {
	if !bsonvalue.Of(v).Refers() {
		return nil, field + " holds no query"
	}
	filter, ok := v.DocumentOK()
	if !ok {
		return nil, field + " is not a document, so that it is no query"
	}
	if operator := code(filter); operator != "" {
		return nil, fmt.Sprintf("%s holds %s, which runs code on the server and is never sent", field, operator)
	}
	return filter, ""
}

// code is the first operator in a query that runs code on the server, at any depth; empty: there is none.
func code(doc []byte) string {
	for fields := scan.Document(doc); fields.Next(); {
		switch key := string(fields.Key); key {
		case "$where", "$function", "$accumulator":
			return key
		}
		switch v := fields.Value; v.Type {
		case bson.TypeEmbeddedDocument, bson.TypeArray:
			if operator := code(v.Value); operator != "" {
				return operator
			}
		}
	}
	return ""
}
