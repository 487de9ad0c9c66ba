package strictmongo

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// cursor is what is left of an answer. It sees the documents as they were when it was opened.
type cursor struct {
	namespace string
	session   bson.Raw // the lsid of the command that opened it; nil: none
	docs      []bson.Raw
	fields    projection

	// of a replay
	prepared *elements
	at, end  int
}

// firstBatch is how many documents an answer begins with unless it is told.
// https://www.mongodb.com/docs/manual/tutorial/iterate-a-cursor/
const firstBatch = 101

// find is https://www.mongodb.com/docs/manual/reference/command/find/
func find(r *request) (bson.D, error) {
	if c := r.server.source(r.db, r.collection); c != nil && c.replay != nil {
		return r.findReplayed(c.replay)
	}
	fields, _ := r.body.Lookup("projection").DocumentOK()
	p, err := parseProjection(fields)
	if err != nil {
		return nil, err
	}
	skip, _ := r.body.Lookup("skip").AsInt64OK()
	limit, _ := r.body.Lookup("limit").AsInt64OK()
	docs, err := r.found(query{filter: r.body.Lookup("filter"), sort: r.body.Lookup("sort"), skip: skip, limit: limit})
	if err != nil {
		return nil, err
	}
	size, told := r.body.Lookup("batchSize").AsInt64OK()
	if !told {
		size = firstBatch
	}
	return r.cursorOf(docs, p, size), nil
}

// found is what a query finds; where there is no collection it is checked all the same.
func (r *request) found(q query) ([]bson.Raw, error) {
	c := r.server.source(r.db, r.collection)
	if c == nil {
		c, _ = newCollection(CollectionOptions{})
	}
	q.collation = collationOf(r.body)
	return c.find(q)
}

// collationOf is the collation that a command or an operation names, in the place of the collection's own; nil: none.
// https://www.mongodb.com/docs/manual/reference/collation/#behavior
func collationOf(doc bson.Raw) *collation {
	by, ok := doc.Lookup("collation").DocumentOK()
	if !ok {
		return nil
	}
	strength, _ := by.Lookup("strength").AsInt64OK()
	return &collation{ignoresCase: strength == 1 || strength == 2}
}

// cursorOf is the first answer with documents; size 0 is as many as fit.
func (r *request) cursorOf(docs []bson.Raw, p projection, size int64) bson.D {
	if size <= 0 {
		size = math.MaxInt64
	}
	c := &cursor{namespace: namespace(r.db, r.collection), docs: docs, fields: p}
	return r.next(c, "firstBatch", size, 0)
}

// next takes a batch off a cursor: as many as asked for, and no more than a message may hold.
func (r *request) next(c *cursor, field string, size, id int64) bson.D {
	n, bytes := 0, 0
	for n < len(c.docs) && int64(n) < size {
		if bytes += len(c.docs[n]); bytes > MaxDocument && n > 0 {
			break
		}
		n++
	}
	list := batch(c.docs[:n], c.fields)
	r.documents = n
	c.docs = c.docs[n:]
	id = r.keep(c, id, len(c.docs) == 0)
	return bson.D{{Key: "cursor", Value: bson.D{
		{Key: field, Value: bson.RawValue{Type: bson.TypeArray, Value: list}}, {Key: "id", Value: id},
		{Key: "ns", Value: c.namespace},
	}}}
}

// keep has a cursor found again under the id that comes back, unless it has ended: 0.
func (r *request) keep(c *cursor, id int64, ended bool) int64 {
	switch {
	case ended:
		delete(r.server.cursors, id)
		return 0
	case id == 0:
		r.server.lastID++
		id = r.server.lastID
		c.session, _ = r.body.Lookup("lsid").DocumentOK()
		r.server.cursors[id] = c
	}
	return id
}

// getMore is https://www.mongodb.com/docs/manual/reference/command/getMore/
func getMore(r *request) (bson.D, error) {
	id := r.body.Lookup("getMore").AsInt64()
	c := r.server.cursors[id]
	if c == nil {
		return nil, cursorNotFound.is("cursor id %d not found", id)
	}
	if err := r.checkCursor(c); err != nil {
		return nil, err
	}
	size, _ := r.body.Lookup("batchSize").AsInt64OK()
	if size <= 0 {
		size = math.MaxInt64
	}
	if c.prepared != nil {
		r.stream(c, "nextBatch", size, id)
		return nil, nil
	}
	return r.next(c, "nextBatch", size, id), nil
}

// checkCursor refuses a cursor of another session, and a limit to the time, which only cursors have that wait for new
// documents: src/mongo/db/commands/getmore_cmd.cpp, validateLSID and validateMaxTimeMS.
func (r *request) checkCursor(c *cursor) error {
	session, _ := r.body.Lookup("lsid").DocumentOK()
	switch {
	case c.session == nil && session != nil:
		return code{50736, "Location50736"}.is("Cannot run getMore on a cursor that was not created in a session, in "+
			"session %s", session)
	case c.session != nil && session == nil:
		return code{50737, "Location50737"}.is("Cannot run getMore on a cursor that was created in session %s, without "+
			"an lsid", c.session)
	case !bytes.Equal(c.session, session):
		return code{50738, "Location50738"}.is("Cannot run getMore on a cursor that was created in session %s, in session %s",
			c.session, session)
	case r.body.Lookup("maxTimeMS").Type != 0:
		return badValue.is("cannot set maxTimeMS on getMore command for a non-awaitData cursor")
	}
	return nil
}

func killCursors(r *request) (bson.D, error) {
	ids := items(r.body.Lookup("cursors"))
	for _, id := range ids {
		delete(r.server.cursors, id.AsInt64())
	}
	return bson.D{{Key: "cursorsKilled", Value: ids}}, nil
}

// count without a query is an estimate. It is https://www.mongodb.com/docs/manual/reference/command/count/
func count(r *request) (bson.D, error) {
	if c := r.server.source(r.db, r.collection); c != nil && r.body.Lookup("query").Type == 0 {
		return bson.D{{Key: "n", Value: int32(c.len() * max(r.server.o.EstimateTimes, 1))}}, nil
	}
	docs, err := r.found(query{filter: r.body.Lookup("query")})
	return bson.D{{Key: "n", Value: int32(len(docs))}}, err
}

// aggregate knows the stages $match, $group, $skip and $limit: what counting documents sends, and $sample, $project and
// $unwind. https://www.mongodb.com/docs/manual/reference/method/db.collection.countDocuments/#mechanics
func aggregate(r *request) (bson.D, error) {
	stages := items(r.body.Lookup("pipeline"))
	docs, err := r.found(query{})
	if c := r.server.source(r.db, r.collection); c != nil && c.replay != nil {
		size, samples := stages[0].Document().Lookup("$sample", "size").AsInt64OK()
		if !samples && stages[0].Document().Index(0).Key() != "$match" {
			return nil, badValue.is("strictmongo: a replayed collection can only be sampled")
		}
		docs = c.replay.sampled(r.server.chance(), int(size))
	}
	for _, stage := range stages {
		if err != nil {
			return nil, err
		}
		docs, err = r.stage(stage.Document().Index(0), docs)
	}
	return r.cursorOf(docs, nil, firstBatch), err
}

func (r *request) stage(e bson.RawElement, docs []bson.Raw) ([]bson.Raw, error) {
	switch e.Key() {
	case "$match":
		by := collation{}
		if c := r.server.source(r.db, r.collection); c != nil {
			by = c.collation
		}
		if named := collationOf(r.body); named != nil {
			by = *named
		}
		matches, err := parser{by}.filter(e.Value().Document())
		if err != nil {
			return nil, err
		}
		var kept []bson.Raw
		for _, doc := range docs {
			if matches(doc) {
				kept = append(kept, doc)
			}
		}
		return kept, nil
	case "$skip":
		return window(docs, e.Value().AsInt64(), 0), nil
	case "$limit":
		return window(docs, 0, e.Value().AsInt64()), nil
	case "$group":
		return group(collation{}, e.Value().Document(), docs)
	case "$unwind":
		return unwound(text(e.Value()), docs), nil
	case "$sample":
		return sample(r.server.chance(), docs, int(e.Value().Document().Lookup("size").AsInt64())), nil
	case "$project":
		return project(e.Value().Document(), docs)
	}
	return nil, unknownStage.is("Unrecognized pipeline stage name: '%s'", e.Key())
}

// sample is some documents in any order. MongoDB may give one twice.
// https://www.mongodb.com/docs/manual/reference/operator/aggregation/sample/
func sample(chance *rand.Rand, docs []bson.Raw, n int) []bson.Raw {
	docs = slices.Clone(docs)
	chance.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	return docs[:min(n, len(docs))]
}
