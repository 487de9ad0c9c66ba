package stores

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// SavedCheckpoints is the store of saved places of a database, of which a Reader keeps and forgets none.
func SavedCheckpoints(r *mongodb.Reader) checkpoint.Store { return checkpoint.ReadOnly(savedPlaces{r}) }

// Checkpoints is the store of saved places of a database.
func Checkpoints(w *mongodb.Writer) checkpoint.Store { return checkpoints{savedPlaces{w.Reader}, w} }

// savedPlaces loads.
type savedPlaces struct{ r *mongodb.Reader }

// checkpoints is a store that also saves.
type checkpoints struct {
	savedPlaces
	w *mongodb.Writer
}

// checkpointID is one string, since FerretDB 1 compares _ids that are documents by the order of their keys.
func checkpointID(k checkpoint.Key) string { return fmt.Sprintf("%s/%d/%s", k.Task, k.Version, k.Plan) }

type checkpointRecord struct {
	ID      string    `bson:"_id"`
	Task    string    `bson:"task"`
	State   []byte    `bson:"state"` // a BSON document, in binary for the reason that the journal's are
	SavedAt time.Time `bson:"saved_at"`
}

func (p savedPlaces) collection() *mongo.Collection {
	return p.r.Connection(driver.Key{}).DB().Collection(mongodb.CheckpointsCollection)
}

func (p savedPlaces) Load(ctx context.Context, k checkpoint.Key) (bson.Raw, error) {
	var r checkpointRecord
	err := p.collection().FindOne(ctx, bson.D{{Key: "_id", Value: checkpointID(k)}}).Decode(&r)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load the checkpoint of %s: %w", k.Task, err)
	}
	if err := bson.Raw(r.State).Validate(); err != nil {
		return nil, nil // whatever it is, it is not what Save wrote
	}
	return r.State, nil
}

func (c checkpoints) Save(ctx context.Context, k checkpoint.Key, state any) error {
	raw, err := bson.Marshal(state)
	if err != nil {
		return fmt.Errorf("encode the checkpoint of %s: %w", k.Task, err)
	}
	if err := c.w.MayWrite(ctx, "write to", mongodb.CheckpointsCollection); err != nil {
		return err
	}
	r := checkpointRecord{ID: checkpointID(k), Task: k.Task, State: raw, SavedAt: time.Now().UTC()}
	err = connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := c.collection().ReplaceOne(ctx, bson.D{{Key: "_id", Value: r.ID}}, r, options.Replace().SetUpsert(true))
		return err
	})
	if err != nil {
		return fmt.Errorf("save the checkpoint of %s: %w", k.Task, err)
	}
	return nil
}

func (c checkpoints) Clear(ctx context.Context, task string) error {
	if err := c.w.MayWrite(ctx, "delete from", mongodb.CheckpointsCollection); err != nil {
		return err
	}
	err := connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := c.collection().DeleteMany(ctx, bson.D{{Key: "task", Value: task}})
		return err
	})
	if err != nil {
		return fmt.Errorf("clear the checkpoints of %s: %w", task, err)
	}
	return nil
}
