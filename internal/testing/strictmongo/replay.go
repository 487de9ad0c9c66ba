package strictmongo

import (
	"math/rand/v2"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// Replay is a collection that is only read, and answered from bytes that were prepared: what a document costs the
// server is that its bytes are sent. It is asked for ranges of _id, in the order of _id, and for its size.
type Replay struct {
	Documents int
	// Document is the i-th document. It begins with its _id, an ObjectID that is greater than those before.
	Document func(i int) bson.D
}

// Replay makes a collection that is a Replay. Its documents are prepared by the first query for some fields, and kept
// until a query for others comes.
func (s *Server) Replay(t testing.TB, database, name string, r Replay) {
	t.Helper()
	p := &replay{Replay: r, ids: make([]bson.ObjectID, r.Documents)}
	for i := range p.ids {
		id, ok := r.Document(i)[0].Value.(bson.ObjectID)
		if !ok || i > 0 && slices.Compare(p.ids[i-1][:], id[:]) >= 0 {
			t.Fatalf("replay %s: the _id of document %d is no ObjectID, or not greater than the one before", name, i)
		}
		p.ids[i] = id
	}
	s.CreateCollection(t, database, name, CollectionOptions{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collection(database, name).replay = p
}

type replay struct {
	Replay
	ids      []bson.ObjectID
	fields   string // of the prepared elements
	prepared *elements
}

func (p *replay) prepare(projected bson.RawValue) (*elements, error) {
	doc, _ := projected.DocumentOK()
	if p.prepared != nil && p.fields == string(doc) {
		return p.prepared, nil
	}
	fields, err := parseProjection(doc)
	if err != nil {
		return nil, err
	}
	p.fields, p.prepared = string(doc), nil
	e := &elements{ends: make([]int, p.Documents)}
	for i := range p.Documents {
		e.bytes = bsoncore.AppendHeader(e.bytes, bsoncore.TypeEmbeddedDocument, "0")
		e.bytes = fields.of(e.bytes, marshal(p.Document(i)))
		e.ends[i] = len(e.bytes)
	}
	p.prepared = e
	return e, nil
}

// between are the documents that a filter selects, which knows nothing but ranges of _id.
func (p *replay) between(filter bson.Raw) (from, to int, err error) {
	to = p.Documents
	conditions, _ := filter.Elements()
	for _, e := range conditions {
		switch {
		case e.Key() == "$and":
			for _, part := range items(e.Value()) {
				low, high, err := p.between(part.Document())
				if err != nil {
					return 0, 0, err
				}
				from, to = max(from, low), min(to, high)
			}
		case e.Key() == "_id" && isExpression(e.Value()):
			operators, _ := e.Value().Document().Elements()
			for _, o := range operators {
				low, high, err := p.compare(o)
				if err != nil {
					return 0, 0, err
				}
				from, to = max(from, low), min(to, high)
			}
		default:
			return 0, 0, badValue.is("strictmongo: a replay is asked for ranges of _id only, not by %s", e.Key())
		}
	}
	return min(from, to), to, nil
}

// compare are the documents that one operator on _id selects.
func (p *replay) compare(o bson.RawElement) (from, to int, err error) {
	if o.Key() == "$type" {
		if slices.ContainsFunc(items(o.Value()),
			func(v bson.RawValue) bool { return v.AsInt64() == int64(bson.TypeObjectID) }) {
			return 0, p.Documents, nil
		}
		return 0, 0, nil
	}
	id, ok := o.Value().ObjectIDOK()
	if !ok {
		return 0, 0, badValue.is("strictmongo: a replay has ObjectIDs only")
	}
	at, found := slices.BinarySearchFunc(p.ids, id, func(a, b bson.ObjectID) int { return slices.Compare(a[:], b[:]) })
	behind := at
	if found {
		behind++
	}
	switch o.Key() {
	case "$gt":
		return behind, p.Documents, nil
	case "$gte":
		return at, p.Documents, nil
	case "$lt":
		return 0, at, nil
	case "$lte":
		return 0, behind, nil
	}
	return 0, 0, badValue.is("strictmongo: a replay does not know %s", o.Key())
}

// sampled are documents of which only the _id is there.
func (p *replay) sampled(chance *rand.Rand, n int) []bson.Raw {
	docs := make([]bson.Raw, min(n, p.Documents))
	for i := range docs {
		docs[i] = marshal(bson.D{{Key: "_id", Value: p.ids[chance.IntN(p.Documents)]}})
	}
	return docs
}

// findReplayed is find of a replay.
func (r *request) findReplayed(p *replay) (bson.D, error) {
	filter, _ := r.body.Lookup("filter").DocumentOK()
	from, to, err := p.between(filter)
	if err != nil {
		return nil, err
	}
	sorted, _ := r.body.Lookup("sort").DocumentOK()
	o := parseSort(sorted)
	if len(o) > 1 || len(o) == 1 && o[0].path != "_id" {
		return nil, badValue.is("strictmongo: a replay is in the order of _id only")
	}
	limit, _ := r.body.Lookup("limit").AsInt64OK()
	if limit > 0 {
		limit = min(limit, int64(to-from))
	}
	down := len(o) == 1 && o[0].down
	switch whole := r.body.Lookup("projection").Type == 0; {
	case limit > 0 && limit <= firstBatch && (down || whole):
		return r.fewReplayed(p, from, to, int(limit), down)
	case down:
		return nil, badValue.is("strictmongo: of a replay only a few documents are given from its end")
	case limit > 0:
		to = from + int(limit)
	}
	return nil, r.streamReplayed(p, from, to)
}

// fewReplayed are the first documents of a range, or its last ones, for which nothing is prepared.
func (r *request) fewReplayed(p *replay, from, to, n int, down bool) (bson.D, error) {
	projected, _ := r.body.Lookup("projection").DocumentOK()
	fields, err := parseProjection(projected)
	if err != nil {
		return nil, err
	}
	docs := make([]bson.Raw, n)
	for i := range docs {
		if docs[i] = marshal(p.Document(from + i)); down {
			docs[i] = marshal(p.Document(to - 1 - i))
		}
	}
	return r.cursorOf(docs, fields, 0), nil
}

func (r *request) streamReplayed(p *replay, from, to int) error {
	prepared, err := p.prepare(r.body.Lookup("projection"))
	if err != nil {
		return err
	}
	size, told := r.body.Lookup("batchSize").AsInt64OK()
	if !told {
		size = firstBatch
	}
	r.stream(&cursor{namespace: namespace(r.db, r.collection), prepared: prepared, at: from, end: to}, "firstBatch", size,
		0)
	return nil
}
