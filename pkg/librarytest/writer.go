package librarytest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/library"
)

// Writer is an application that works on a library while maintenance runs. It keeps counters as applications do: what a change
// adds or takes is added to what is stored, be that right or not; a counter that is no number it leaves alone.
type Writer struct {
	db   *mongo.Database
	rand *rand.Rand
	m    library.Model
	docs map[string][]bson.Raw // as they are in db, but for the counters
	made int
}

// NewWriter is a writer on db, which holds docs. What it does follows from the seed alone.
func NewWriter(seed int64, db *mongo.Database, docs map[string][]bson.Raw) *Writer {
	w := &Writer{db: db, rand: newRand(seed, 3), m: library.UCoreFS(), docs: map[string][]bson.Raw{}}
	for name, list := range docs {
		w.docs[name] = slices.Clone(list)
	}
	return w
}

// Step makes one change of a user: it tags, untags, moves, resizes, adds or deletes a file, or puts one into an album.
func (w *Writer) Step(ctx context.Context) error {
	steps := []func(context.Context) error{w.tag, w.untag, w.move, w.resize, w.add, w.remove, w.collect}
	if len(w.docs[w.m.Files.Collection]) == 0 {
		return nil
	}
	before := Recount(w.docs)
	if err := steps[w.rand.IntN(len(steps))](ctx); err != nil {
		return fmt.Errorf("write beside maintenance: %w", err)
	}
	return w.keepCounters(ctx, before, Recount(w.docs))
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

func (w *Writer) set(ctx context.Context, collection string, i int, field string, v any) error {
	doc := w.docs[collection][i]
	w.docs[collection][i] = With(doc, field, v)
	_, err := w.db.Collection(collection).UpdateByID(ctx, doc.Lookup("_id"), bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: v}}}})
	return err
}

func (w *Writer) tag(ctx context.Context) error {
	i, _ := w.any(w.m.Files.Collection)
	list := w.list(w.docs[w.m.Files.Collection][i], w.m.Files.Tags)
	return w.set(ctx, w.m.Files.Collection, i, w.m.Files.Tags, append(list, w.id(w.m.Tags.Collection)))
}

func (w *Writer) untag(ctx context.Context) error {
	i, _ := w.any(w.m.Files.Collection)
	list := w.list(w.docs[w.m.Files.Collection][i], w.m.Files.Tags)
	return w.set(ctx, w.m.Files.Collection, i, w.m.Files.Tags, list[:len(list)/2])
}

// list is an array's elements; what is no array has none.
func (w *Writer) list(doc bson.Raw, field string) bson.A {
	list := bson.A{}
	if array, ok := doc.Lookup(field).ArrayOK(); ok {
		values, _ := array.Values()
		for _, v := range values {
			list = append(list, v)
		}
	}
	return list
}

func (w *Writer) move(ctx context.Context) error {
	i, _ := w.any(w.m.Files.Collection)
	return w.set(ctx, w.m.Files.Collection, i, w.m.Files.Parent, w.id(w.m.Directories.Collection))
}

func (w *Writer) resize(ctx context.Context) error {
	i, _ := w.any(w.m.Files.Collection)
	return w.set(ctx, w.m.Files.Collection, i, w.m.Files.Size, int64(w.rand.IntN(10_000)))
}

func (w *Writer) add(ctx context.Context) error {
	w.made++
	f := w.m.Files
	doc := bson.D{
		{Key: "_id", Value: fmt.Sprintf("added-%d", w.made)}, {Key: f.Parent, Value: w.id(w.m.Directories.Collection)},
		{Key: f.Size, Value: int32(w.rand.IntN(10_000))}, {Key: f.Tags, Value: bson.A{w.id(w.m.Tags.Collection)}},
	}
	w.docs[f.Collection] = append(w.docs[f.Collection], Raw(map[string][]bson.D{"": {doc}})[""][0])
	_, err := w.db.Collection(f.Collection).InsertOne(ctx, doc)
	return err
}

func (w *Writer) remove(ctx context.Context) error {
	files := w.m.Files.Collection
	i, _ := w.any(files)
	id := w.docs[files][i].Lookup("_id")
	w.docs[files] = slices.Delete(w.docs[files], i, i+1)
	_, err := w.db.Collection(files).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

func (w *Writer) collect(ctx context.Context) error {
	i, ok := w.any(w.m.Albums.Collection)
	if !ok {
		return nil
	}
	list := w.list(w.docs[w.m.Albums.Collection][i], w.m.Albums.Files)
	return w.set(ctx, w.m.Albums.Collection, i, w.m.Albums.Files, append(list, w.id(w.m.Files.Collection)))
}

// keepCounters adds to each counter that changed what it changed by.
func (w *Writer) keepCounters(ctx context.Context, before, after Counters) error {
	for collection, documents := range after {
		for _, doc := range w.docs[collection] {
			id := idOf(doc)
			changed := map[string]int64{}
			for field, n := range documents[id] {
				if by := n - before[collection][id][field]; by != 0 {
					changed[field] = by
				}
			}
			if err := w.addTo(ctx, collection, doc.Lookup("_id"), changed); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Writer) addTo(ctx context.Context, collection string, id bson.RawValue, changed map[string]int64) error {
	if len(changed) == 0 {
		return nil
	}
	stored, err := w.db.Collection(collection).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
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
