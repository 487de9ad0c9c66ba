package reprocessincompleteembeddings

import (
	"context"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the incomplete records that nothing in the queue names.
type facts struct {
	declared   *library.Incomplete
	checked    int64
	records    []record
	waiting    int64 // more of them than one run resets
	nameless   int64 // whose id is no ObjectID, which the queue cannot name
	unfinished *step // what a run that was killed was about to do
}

// record is an incomplete record with what the fields to set hold.
type record struct {
	id  bson.ObjectID
	was []bsonvalue.Value // in the order of the declaration's set
}

type gatherer struct{ most int }

func (g gatherer) gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	f.declared = env.Library.Incomplete
	if f.unfinished, err = loadStep(ctx, env); err != nil {
		return f, err
	}
	queued, err := readQueue(ctx, env, f.declared.Queue)
	if err != nil {
		return f, err
	}
	if f.unfinished != nil { // execute completes that first
		for _, id := range f.unfinished.IDs {
			queued.Add(bsonvalue.ObjectID(id))
		}
	}
	return f, g.readRecords(ctx, env, &f, queued)
}

// bytesOfID is what an id takes that a document of the queue names.
const bytesOfID = 16

// readQueue is the ids that waiting documents of the queue name.
func readQueue(ctx context.Context, env tasks.Env, q library.Queue) (*bsonvalue.IDSet, error) {
	ids, room := &bsonvalue.IDSet{}, env.Room("reading the queue")
	fields := append(q.Where.Fields(), q.IDs)
	return ids, read(ctx, env, q.Collection, fields, func(doc bson.Raw) error {
		before := ids.Len()
		if q.Where.Matches(doc) {
			addNamed(ids, doc.Lookup(q.IDs))
		}
		return room.Take(bytesOfID * int64(ids.Len()-before))
	})
}

// addNamed adds the ids in a text joined by commas, or in a list of such texts.
func addNamed(ids *bsonvalue.IDSet, v bson.RawValue) {
	texts := []bson.RawValue{v}
	if list, ok := v.ArrayOK(); ok {
		texts, _ = list.Values()
	}
	for _, text := range texts {
		joined, _ := text.StringValueOK()
		for hex := range strings.SplitSeq(joined, ",") {
			if id, err := bson.ObjectIDFromHex(strings.TrimSpace(hex)); err == nil {
				ids.Add(bsonvalue.ObjectID(id))
			}
		}
	}
}

func (g gatherer) readRecords(ctx context.Context, env tasks.Env, f *facts, queued *bsonvalue.IDSet) error {
	fields := f.declared.Where.Fields()
	for _, set := range f.declared.Set {
		fields = append(fields, set.Field)
	}
	return read(ctx, env, f.declared.Collection, fields, func(doc bson.Raw) error {
		f.checked++
		if !f.declared.Where.Matches(doc) || queued.Has(bsonvalue.Reference(doc, "_id")) {
			return nil
		}
		id, isObjectID := doc.Lookup("_id").ObjectIDOK()
		switch {
		case !isObjectID:
			f.nameless++
		case len(f.records) == g.most:
			f.waiting++
		default:
			f.records = append(f.records, record{id, stored(doc, f.declared.Set)})
		}
		return nil
	})
}

func stored(doc bson.Raw, set []library.Assignment) []bsonvalue.Value {
	values := make([]bsonvalue.Value, len(set))
	for i, s := range set {
		values[i] = bsonvalue.Reference(doc, s.Field)
	}
	return values
}

func read(ctx context.Context, env tasks.Env, collection string, fields []string, each func(bson.Raw) error) error {
	return env.Scan(ctx, "reading "+collection, collection, mongodb.ScanOptions{Fields: fields}, each)
}
