package strictmongo

import (
	"go.mongodb.org/mongo-driver/v2/bson"
)

// insert is https://www.mongodb.com/docs/manual/reference/command/insert/
func insert(r *request) (bson.D, error) {
	t, err := r.target()
	if err != nil {
		return nil, err
	}
	n := int32(0)
	failed, err := bulk(r, "documents", func(_ int, doc bson.Raw) error {
		err := t.add(doc)
		if err == nil {
			n++
		}
		return err
	})
	return r.written(failed, bson.D{{Key: "n", Value: n}}), err
}

// update is https://www.mongodb.com/docs/manual/reference/command/update/
func update(r *request) (bson.D, error) {
	t, err := r.target()
	if err != nil {
		return nil, err
	}
	var matched, modified int32
	var upserted []bson.D
	failed, err := bulk(r, "updates", func(i int, op bson.Raw) error {
		n, m, id, err := t.update(op)
		matched, modified = matched+n, modified+m
		if id.Type != 0 {
			matched++
			upserted = append(upserted, bson.D{{Key: "index", Value: int32(i)}, {Key: "_id", Value: id}})
		}
		return err
	})
	reply := bson.D{{Key: "n", Value: matched}, {Key: "nModified", Value: modified}}
	if upserted != nil {
		reply = append(reply, bson.E{Key: "upserted", Value: upserted})
	}
	return r.written(failed, reply), err
}

// update carries out one operation; id is that of a document that it inserted.
func (t target) update(op bson.Raw) (matched, modified int32, id bson.RawValue, err error) {
	if err := only(op, "an update", "q", "u", "multi", "upsert", "collation", "hint", "arrayFilters", "c"); err != nil {
		return 0, 0, missing, err
	}
	docs, err := t.find(query{filter: op.Lookup("q"), limit: limitOf(truthyIf(op, "multi")), collation: collationOf(op)})
	if err != nil {
		return 0, 0, missing, err
	}
	to, err := parseUpdate(op.Lookup("u"))
	if err != nil {
		return 0, 0, missing, err
	}
	if len(docs) == 0 && truthyIf(op, "upsert") {
		id, err := t.upsert(op.Lookup("q").Document(), to)
		return 0, 0, id, err
	}
	for _, doc := range docs {
		changed, err := t.set(doc, to)
		if err != nil {
			return matched, modified, missing, err
		}
		matched++
		if changed {
			modified++
		}
	}
	return matched, modified, missing, nil
}

// limitOf is how many documents an operation is about: 0 is all.
func limitOf(multi bool) int64 {
	if multi {
		return 0
	}
	return 1
}

// truthyIf tells whether a field is there and true.
func truthyIf(doc bson.Raw, field string) bool {
	v := doc.Lookup(field)
	return v.Type != 0 && truthy(v)
}

// upsert inserts what an update makes of the _id that its filter names.
func (t target) upsert(filter bson.Raw, to change) (bson.RawValue, error) {
	id := filter.Lookup("_id")
	if id.Type == bson.TypeEmbeddedDocument && isExpression(id) {
		id = id.Document().Lookup("$eq")
	}
	if id.Type == 0 {
		id = raw(bson.NewObjectID())
	}
	doc, err := to(raw(bson.D{{Key: "_id", Value: id}}).Value)
	if err != nil {
		return missing, err
	}
	return id, t.add(doc)
}

// remove is https://www.mongodb.com/docs/manual/reference/command/delete/
func remove(r *request) (bson.D, error) {
	t, err := r.target()
	if err != nil {
		return nil, err
	}
	n := int32(0)
	failed, err := bulk(r, "deletes", func(_ int, op bson.Raw) error {
		if err := only(op, "a delete", "q", "limit", "collation", "hint"); err != nil {
			return err
		}
		docs, err := t.find(query{filter: op.Lookup("q"), limit: op.Lookup("limit").AsInt64(), collation: collationOf(op)})
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if err := t.delete(doc); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return r.written(failed, bson.D{{Key: "n", Value: n}}), err
}

// written is the answer to a write command.
func (r *request) written(failed []bson.D, counted bson.D) bson.D {
	if len(failed) > 0 {
		counted = append(counted, bson.E{Key: "writeErrors", Value: failed})
	}
	return counted
}

// target is the collection that a write command is about, made where it is not there; a view cannot be written to.
// https://www.mongodb.com/docs/manual/core/views/#read-only
func (r *request) target() (target, error) {
	c := r.server.collection(r.db, r.collection)
	if c == nil {
		c, _ = newCollection(CollectionOptions{})
		r.server.databases[r.db][r.collection] = c
	}
	name := namespace(r.db, r.collection)
	if c.options.ViewOn != "" {
		return target{}, commandNotSupportedView.is("Namespace %s is a view, not a collection", name)
	}
	return target{c, name}, nil
}
