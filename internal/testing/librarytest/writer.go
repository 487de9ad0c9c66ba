package librarytest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Writer is an application that works on a library while maintenance runs. It keeps counters as applications do: what a
// change adds or takes is added to what is stored, be that right or not; a counter that is no number it leaves alone.
type Writer struct {
	layout Layout
	db     *mongo.Database
	rand   *rand.Rand
	docs   Docs // as they are in db, but for the counters, and for what maintenance changed
	made   int
}

// NewWriter is a writer on db, which holds docs. What it does follows from the seed alone.
func NewWriter(layout Layout, seed int64, db *mongo.Database, docs Docs) *Writer {
	w := &Writer{layout: layout, db: db, rand: newRand(seed, 3), docs: Docs{}}
	for name, list := range docs {
		w.docs[name] = slices.Clone(list)
	}
	return w
}

// Step makes one change of a user, such as tagging, moving or deleting a file, and then changes the counters. Of an
// empty library it changes nothing.
func (w *Writer) Step(ctx context.Context) error {
	if len(w.docs) == 0 {
		return nil
	}
	steps := w.steps()
	before := w.layout.Recount(w.docs)
	if err := steps[w.rand.IntN(len(steps))](ctx); err != nil {
		return fmt.Errorf("write beside maintenance: %w", err)
	}
	return w.keepCounters(ctx, before, w.layout.Recount(w.docs))
}

// Save saves one file record as the desktop application does: it replaces the document whole by what the writer
// remembers, without comparing, and makes it anew if it is gone.
func (w *Writer) Save(ctx context.Context) error {
	i, ok := w.any(fileRecords)
	if !ok {
		return nil
	}
	doc := w.docs[fileRecords][i]
	this := bson.D{{Key: "_id", Value: doc.Lookup("_id")}}
	if _, err := w.db.Collection(fileRecords).ReplaceOne(ctx, this, doc, options.Replace().SetUpsert(true)); err != nil {
		return fmt.Errorf("save a file beside maintenance: %w", err)
	}
	return nil
}

// any is the place of one document of a collection, and whether there is one.
func (w *Writer) any(collection string) (i int, ok bool) {
	n := len(w.docs[collection])
	if n == 0 {
		return 0, false
	}
	return w.rand.IntN(n), true
}

// id is the _id of one document of a collection, or null.
func (w *Writer) id(collection string) any {
	i, ok := w.any(collection)
	if !ok {
		return nil
	}
	return w.docs[collection][i].Lookup("_id")
}

// newID is an id that no document has.
func (w *Writer) newID() string {
	w.made++
	return fmt.Sprintf("added-%d", w.made)
}

// change sets a field of one document of a collection to what becomes of it.
func (w *Writer) change(ctx context.Context, collection, field string, become func(bson.RawValue) any) error {
	i, ok := w.any(collection)
	if !ok {
		return nil
	}
	doc := w.docs[collection][i]
	v := become(doc.Lookup(field))
	w.docs[collection][i] = With(doc, field, v)
	set := bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: v}}}}
	_, err := w.db.Collection(collection).UpdateByID(ctx, doc.Lookup("_id"), set)
	return err
}

func (w *Writer) insert(ctx context.Context, collection string, doc bson.D) error {
	w.docs[collection] = append(w.docs[collection], rawOf(doc))
	_, err := w.db.Collection(collection).InsertOne(ctx, doc)
	return err
}

// remove deletes one document of a collection and, as the applications do, nothing that refers to it.
func (w *Writer) remove(ctx context.Context, collection string) error {
	i, ok := w.any(collection)
	if !ok {
		return nil
	}
	id := w.docs[collection][i].Lookup("_id")
	w.docs[collection] = slices.Delete(w.docs[collection], i, i+1)
	_, err := w.db.Collection(collection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

// keepCounters adds to each counter that changed what it changed by.
func (w *Writer) keepCounters(ctx context.Context, before, after Counters) error {
	for collection, documents := range after {
		for _, doc := range w.docs[collection] {
			changed := map[string]int64{}
			for field, n := range documents[idOf(doc)] {
				if by := n - before[collection][idOf(doc)][field]; by != 0 {
					changed[field] = by
				}
			}
			if err := w.addTo(ctx, collection, doc.Lookup("_id"), changed); err != nil {
				return fmt.Errorf("keep counters beside maintenance: %w", err)
			}
		}
	}
	return nil
}

// addTo adds to the counters of one document that are numbers; a document that is gone has none.
func (w *Writer) addTo(ctx context.Context, collection string, id bson.RawValue, changed map[string]int64) error {
	if len(changed) == 0 {
		return nil
	}
	stored, err := w.db.Collection(collection).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return err
	}
	by := bson.D{}
	for field, n := range changed {
		if stored.Lookup(field).IsNumber() {
			by = append(by, bson.E{Key: field, Value: n})
		}
	}
	if len(by) == 0 {
		return nil
	}
	_, err = w.db.Collection(collection).UpdateByID(ctx, id, bson.D{{Key: "$inc", Value: by}})
	return err
}
