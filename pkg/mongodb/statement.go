package mongodb

import (
	"fmt"
	"iter"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// largeList is how many bytes a list has that is not sent in full in a filter that would be too large with it.
const largeList = 64 << 10

// model is u as the driver sends it: the document changes only while each field holds its Old value. A server takes 16
// MiB, less than a list of 430,000 ids before and after.
func (u Update) model(maxStatement int, exactly *options.Collation) *mongo.UpdateOneModel {
	filter := bson.D{{Key: "_id", Value: u.ID.Raw()}}
	inFull := u.inFull(maxStatement)
	for _, f := range u.Fields {
		if list, ok := largeElements(f.Old.Raw()); ok && !inFull {
			filter = append(filter, resembles(f.Name, list)...)
			continue
		}
		filter = append(filter, bson.E{Key: f.Name, Value: Is(f.Old)})
	}
	return mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(u.change(inFull)).SetCollation(exactly)
}

// change is what the update does to a document that is as expected.
func (u Update) change(inFull bool) bson.D {
	set, unset, pull := bson.D{}, bson.D{}, bson.D{}
	for _, f := range u.Fields {
		if f.removes() {
			unset = append(unset, bson.E{Key: f.Name, Value: ""})
			continue
		}
		if removed, only := f.removed(inFull); only {
			pull = append(pull, bson.E{Key: f.Name, Value: removed})
			continue
		}
		set = append(set, bson.E{Key: f.Name, Value: f.New})
	}
	change := bson.D{}
	parts := []bson.E{{Key: "$set", Value: set}, {Key: "$unset", Value: unset}, {Key: "$pullAll", Value: pull}}
	for _, part := range parts {
		if len(part.Value.(bson.D)) > 0 {
			change = append(change, part)
		}
	}
	return change
}

// maxBatchBytes is how many bytes of old values one batch of updates has, unless a single update has more.
const maxBatchBytes = 8 << 20

// inBatches parts updates into those that are sent together: at most so many, and no more bytes than memory should hold
// several times, as the driver does.
func inBatches(updates []Update, most int) iter.Seq[[]Update] {
	return func(yield func([]Update) bool) {
		from, bytes := 0, 0
		for i, u := range updates {
			size := u.oldBytes()
			if i > from && (i-from == most || bytes+size > maxBatchBytes) {
				if !yield(updates[from:i]) {
					return
				}
				from, bytes = i, 0
			}
			bytes += size
		}
		if from < len(updates) {
			yield(updates[from:])
		}
	}
}

// oldBytes is about the size of the old values; the new ones are about as large.
func (u Update) oldBytes() (size int) {
	for _, f := range u.Fields {
		size += f.Old.Bytes()
	}
	return size
}

// inFull tells whether u is sent with all of its old values: they and the new ones are not too large for one statement.
// What is not large alone needs no look at the new ones.
func (u Update) inFull(maxStatement int) bool {
	size := u.oldBytes()
	if size < largeList {
		return true
	}
	for _, f := range u.Fields {
		if v, err := valueOf(f.New); err == nil {
			size += len(v.Raw().Value)
		}
	}
	return size <= maxStatement
}

func largeElements(v bson.RawValue) (list []bson.RawValue, large bool) {
	array, ok := v.ArrayOK()
	if !ok || len(v.Value) < largeList {
		return nil, false
	}
	list, err := array.Values()
	return list, err == nil && len(list) > 0
}

// probes is how many elements of a large list stand for all of them.
const probes = 64

// resembles is the condition that a field holds a list that is as long as list and has the same elements at some
// places, evenly spread. It is for lists that are too large to compare in full, and whose document was compared in full
// just before.
func resembles(name string, list []bson.RawValue) bson.D {
	filter := bson.D{{Key: name, Value: bson.D{{Key: "$size", Value: int32(len(list))}}}}
	step := max(1, len(list)/probes)
	for i := 0; i < len(list); i += step {
		filter = append(filter, bson.E{Key: fmt.Sprintf("%s.%d", name, i), Value: Is(bsonvalue.Of(list[i]))})
	}
	return filter
}

// removed is what f takes out of a list, each value once, if that is all it does: no equal element stays, and the
// others stay in their order. It is $pullAll's list, which only an update needs that is not sent in full.
func (f Field) removed(inFull bool) (values bson.A, only bool) {
	if inFull {
		return nil, false
	}
	was, large := largeElements(f.Old.Raw())
	v, err := valueOf(f.New)
	is, isList := v.Raw().ArrayOK()
	if !large || err != nil || !isList {
		return nil, false
	}
	stay, err := is.Values()
	if err != nil {
		return nil, false
	}
	kept, gone := &bsonvalue.IDSet{}, &bsonvalue.IDSet{}
	for _, v := range was {
		id := bsonvalue.Of(v)
		if len(stay) > 0 && stay[0].Equal(v) && !gone.Has(id) {
			kept.Add(id)
			stay = stay[1:]
			continue
		}
		if kept.Has(id) {
			return nil, false
		}
		if gone.Add(id) {
			values = append(values, v)
		}
	}
	return values, len(stay) == 0
}
