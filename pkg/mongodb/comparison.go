package mongodb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Comparison is how well a server compares a whole document.
type Comparison int

// The comparisons.
const (
	Unclear Comparison = iota // the document was not found as it had been: it may have changed
	InPart                    // the server cannot, and compares fields
	InWhole
)

// Comparison asks the server with a document that was just read: it must find the document as it is, and must not find
// it as it would be with one field more. A server that does not know the condition refuses it, or else ignores it.
func (r *Reader) Comparison(ctx context.Context, collection string, doc bson.Raw) (Comparison, error) {
	if r.facts.ScansForConditions {
		return InPart, nil
	}
	more, err := withOneMore(doc)
	if err != nil {
		return InPart, err
	}
	asIs, err := r.finds(ctx, collection, doc)
	if err != nil || !asIs {
		return unlessRefused(Unclear, err)
	}
	other, err := r.finds(ctx, collection, more)
	if err != nil || other {
		return unlessRefused(InPart, err)
	}
	return InWhole, nil
}

func unlessRefused(c Comparison, err error) (Comparison, error) {
	if connection.IsQueryFault(err) {
		return InPart, nil
	}
	return c, err
}

// finds tells whether the server finds a document as doc is.
func (r *Reader) finds(ctx context.Context, collection string, doc bson.Raw) (bool, error) {
	filter := bson.D{{Key: "_id", Value: doc.Lookup("_id")}, whole(doc)}
	idOnly := options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})
	err := r.db.Collection(collection).FindOne(ctx, filter, idOnly).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("compare a document of %s: %w", collection, err)
	}
	return true, nil
}

// whole is the condition that a document is doc: the same fields with the same values, in the same order. $literal
// keeps the server from reading the values as expressions.
func whole(doc bson.Raw) bson.E {
	literal := bson.D{{Key: "$literal", Value: doc}}
	return bson.E{Key: "$expr", Value: bson.D{{Key: "$eq", Value: bson.A{"$$ROOT", literal}}}}
}

// withOneMore is doc with a field that it does not have.
func withOneMore(doc bson.Raw) (bson.Raw, error) {
	elements, err := doc.Elements()
	if err != nil {
		return nil, err
	}
	more := bson.D{}
	for _, e := range elements {
		more = append(more, bson.E{Key: e.Key(), Value: e.Value()})
	}
	return bson.Marshal(append(more, bson.E{Key: "maintenance_other", Value: true}))
}

// WhileWhole is the deletion of a document that is doc, for servers that compare InWhole: whatever somebody writes to
// it after doc was read is not removed unseen. Numbers of different types are equal where their values are.
func (x Deletion) WhileWhole(doc bson.Raw) Deletion {
	return Deletion{ID: x.ID, If: x.If, As: bytes.Clone(doc)}
}

// maxCompared is how many bytes a value has at most that WhileFields compares: a filter doubles them on their way to
// the server.
const maxCompared = 64 << 10

// WhileFields is the deletion of a document that also holds, field by field, what it holds in doc, for servers that
// cannot compare a whole document, and for large ones. It does not compare fields that a filter cannot name and values
// of more than 64 KiB, and does not see a field that is new.
func (x Deletion) WhileFields(doc bson.Raw) (Deletion, error) {
	all := Deletion{ID: x.ID, If: maps.Clone(x.If)}
	if all.If == nil {
		all.If = map[string]bsonvalue.Value{}
	}
	elements, err := doc.Elements()
	for _, e := range elements {
		if nameable(e.Key()) && len(e.Value().Value) <= maxCompared {
			all.If[e.Key()] = bsonvalue.Of(e.Value())
		}
	}
	return all, err
}

// nameable tells whether a filter can name a field other than _id: a dot would make a path, a dollar an operator.
func nameable(name string) bool {
	return name != "_id" && name != "" && name[0] != '$' && !strings.Contains(name, ".")
}
