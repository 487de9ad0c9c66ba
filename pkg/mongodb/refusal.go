package mongodb

import (
	"errors"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Refusals are the writes that the server refused, each for what it does to one document: a validator, a unique index,
// a limit of size. They stop no other write.
type Refusals struct {
	Writes int64
	// Sample describes the first few.
	Sample []string
}

const refusalSample = 5

// refusals collects them.
type refusals struct {
	mu  sync.Mutex
	all Refusals
}

// TakeRefusals are those since the last call.
func (w *Writer) TakeRefusals() Refusals {
	w.refused.mu.Lock()
	defer w.refused.mu.Unlock()
	all := w.refused.all
	w.refused.all = Refusals{}
	return all
}

// onView are the codes by which a server refuses a whole command because its collection is a view:
// CommandNotSupportedOnView and OptionNotSupportedOnView.
var onView = []int{166, 167}

// note takes over what a batch's error says of single documents, and how many they are: all of them where the
// collection is a view. What else went wrong comes back.
func (r *refusals) note(collection string, models []mongo.WriteModel, err error) (n int64, rest error) {
	if connection.HasCode(err, onView...) {
		for _, model := range models {
			r.add(collection, idOf(model), err.Error())
		}
		return int64(len(models)), nil
	}
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || bulk.WriteConcernError != nil || connection.MayPass(err) ||
		connection.IsAuthentication(err) {
		return 0, err
	}
	for _, e := range bulk.WriteErrors {
		r.add(collection, idOf(models[e.Index]), fmt.Sprintf("%s (%d)", e.Message, e.Code))
	}
	return int64(len(bulk.WriteErrors)), nil
}

func (r *refusals) add(collection string, id bsonvalue.ID, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all.Writes++
	if len(r.all.Sample) < refusalSample {
		r.all.Sample = append(r.all.Sample, fmt.Sprintf("%s %s: %s", collection, id, why))
	}
}

// idOf is the _id that an operation is about, with which each filter of this package begins.
func idOf(model mongo.WriteModel) bsonvalue.ID {
	var filter any
	switch m := model.(type) {
	case *mongo.UpdateOneModel:
		filter = m.Filter
	case *mongo.ReplaceOneModel:
		filter = m.Filter
	case *mongo.DeleteOneModel:
		filter = m.Filter
	}
	d, ok := filter.(bson.D)
	if !ok || len(d) == 0 {
		return bsonvalue.ID{}
	}
	id, ok := d[0].Value.(bson.RawValue)
	if !ok {
		return bsonvalue.ID{}
	}
	return bsonvalue.Of(id)
}

// maxOperation is the largest operation that is sent: a server takes 16 MB, and a little more for what is around them.
const maxOperation = 16 * 1024 * 1024

// tooLarge tells whether an update cannot be sent, and notes it: the driver would send nothing of a batch that holds
// it.
func (r *refusals) tooLarge(collection string, u Update, model *mongo.UpdateOneModel) bool {
	if u.oldBytes() < maxOperation/4 { // the new value is about as long as the old one
		return false
	}
	filter, _ := bson.Marshal(model.Filter)
	set, _ := bson.Marshal(model.Update)
	if len(filter)+len(set) < maxOperation {
		return false
	}
	r.add(collection, u.ID, fmt.Sprintf("the change takes %d bytes, and a server takes %d", len(filter)+len(set),
		maxOperation))
	return true
}
