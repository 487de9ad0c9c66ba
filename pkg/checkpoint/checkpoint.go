// Package checkpoint is the contract of a task's saved place: how far it came, so that the next run goes on from there.
//
// A checkpoint of another task, another format or another plan is ignored and never half-used: all three are part of
// its Key. The store is in pkg/mongodb/stores.
package checkpoint

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Key is which saved place a task means. Two different keys never see each other's state.
type Key struct {
	Task string
	// Version is the format of the state; a task raises it when it changes what it saves.
	Version int
	// Plan tells plans apart, such as a digest of the options that matter; empty where there is one only.
	Plan string
}

// Store keeps one state for each key.
type Store interface {
	Loader
	// Save replaces the state: any value that marshals to a BSON document.
	Save(ctx context.Context, key Key, state any) error
	// Clear forgets every state of a task, those of other versions and plans included.
	Clear(ctx context.Context, task string) error
}

// Loader is the reading half of a Store.
type Loader interface {
	// Load is the state saved last under key, or nil.
	Load(ctx context.Context, key Key) (bson.Raw, error)
}

// ReadOnly is a store that loads what l holds, and keeps and forgets nothing: a dry run's.
func ReadOnly(l Loader) Store { return readOnly{l} }

type readOnly struct{ Loader }

// Save implements Store.
func (readOnly) Save(context.Context, Key, any) error { return nil }

// Clear implements Store.
func (readOnly) Clear(context.Context, string) error { return nil }
