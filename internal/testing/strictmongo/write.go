package strictmongo

import (
	"bytes"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// target is where a write command writes.
type target struct {
	*collection
	namespace string
}

// maxWriteBatch is how many operations one command may carry. https://www.mongodb.com/docs/manual/reference/limits/
const maxWriteBatch = 100_000

// bulk carries out the operations of a command, each with an error of its own; ordered ones end with the first.
// https://www.mongodb.com/docs/manual/reference/command/update/#output
func bulk(r *request, list string, do func(i int, op bson.Raw) error) (failed []bson.D, err error) {
	ops := items(r.body.Lookup(list))
	if len(ops) == 0 || len(ops) > maxWriteBatch {
		return nil, code{16, "InvalidLength"}.is("Write batch sizes must be between 1 and %d. Got %d operations.",
			maxWriteBatch, len(ops))
	}
	ordered := true
	if v := r.body.Lookup("ordered"); v.Type != 0 {
		ordered = truthy(v)
	}
	for i, op := range ops {
		if r.ends(i) {
			break
		}
		err := r.server.operationFault(r, i)
		if err == nil {
			err = do(i, op.Value)
		}
		if err == nil {
			continue
		}
		failed = append(failed, asError(err).writeError(i))
		if ordered {
			break
		}
	}
	return failed, nil
}

// asError is an error of this package.
func asError(err error) *Error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return badValue.is("%v", err)
}

// add inserts a document. The size, the _id, the validator and the unique indexes may refuse it.
func (t target) add(doc bson.Raw) error {
	if len(doc) > MaxDocument {
		return badValue.is("object to insert too large. size in bytes: %d, max size: %d", len(doc), MaxDocument)
	}
	id := doc.Lookup("_id")
	if err := validID(id); err != nil {
		return err
	}
	if id.Type == 0 {
		id = raw(bson.NewObjectID())
	}
	key := t.collation.key(id)
	if t.docs[key] != nil {
		return duplicateKey.is("E11000 duplicate key error collection: %s index: _id_ dup key: { _id: %v }", t.namespace, id)
	}
	doc = withID(doc, id)
	if err := t.enter(key, nil, doc); err != nil {
		return err
	}
	t.put(key, doc)
	return nil
}

// validID refuses an _id that is an array, a pattern or undefined, or holds a name that begins with a dollar.
// https://www.mongodb.com/docs/manual/core/document/#the-_id-field, src/mongo/db/update/storage_validation.cpp
func validID(id bson.RawValue) error {
	switch id.Type {
	case bson.TypeArray, bson.TypeRegex, bson.TypeUndefined:
		return invalidIDField.is("The '_id' value cannot be of type %s", id.Type)
	case bson.TypeEmbeddedDocument:
		elements, _ := id.Document().Elements()
		for _, e := range elements {
			if strings.HasPrefix(e.Key(), "$") {
				return dollarPrefixedFieldName.is("_id fields may not contain '$'-prefixed fields: %s is not valid for storage.",
					e.Key())
			}
		}
	}
	return nil
}

// enter validates a document and enters it into the unique indexes in the place of an old one, which may be nil.
func (t target) enter(key string, old, doc bson.Raw) error {
	if t.validator != nil && !t.validator(doc) {
		return documentValidation.is("Document failed validation")
	}
	for _, x := range t.indexes {
		if err := x.refuses(t.collation, t.namespace, key, doc); err != nil {
			return err
		}
	}
	for _, x := range t.indexes {
		if old != nil {
			x.drop(t.collation, old)
		}
		x.add(t.collation, key, doc)
	}
	return nil
}

// set puts a changed document in the place of an old one, and tells whether it is another.
func (t target) set(old bson.Raw, to change) (changed bool, err error) {
	doc, err := to(old)
	if err != nil || bytes.Equal(old, doc) {
		return false, err
	}
	id := old.Lookup("_id")
	switch {
	case !(collation{}).equal(id, doc.Lookup("_id")):
		return false, immutableField.is("Performing an update on the path '_id' would modify the immutable field '_id'")
	case len(doc) > MaxDocument:
		return false, resultTooLarge.is("Resulting document after update is larger than %d", MaxDocument)
	case t.options.Capped && len(doc) != len(old):
		return false, cannotGrowCappedDocument.is("Cannot change the size of a document in a capped collection: %d != %d",
			len(old), len(doc))
	}
	key := t.collation.key(id)
	if err := t.enter(key, old, doc); err != nil {
		return false, err
	}
	t.docs[key].raw = doc
	return true, nil
}

// delete removes a document. A capped collection refuses it before MongoDB 5.0.
func (t target) delete(doc bson.Raw) error {
	if t.options.Capped {
		return illegalOperation.is("cannot remove from a capped collection: %s", t.namespace)
	}
	for _, x := range t.indexes {
		x.drop(t.collation, doc)
	}
	t.remove(t.collation.key(doc.Lookup("_id")))
	return nil
}
