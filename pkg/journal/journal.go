// Package journal is the contract of maintenance's journal: whatever a run deletes or shortens is first written there, whole, so
// that it can be put back byte by byte.
//
// It is pure: what is in an entry, and what becomes of one when a run is undone. The store is in pkg/mongodb.
package journal

import (
	"bytes"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Keep is how long entries stay before the server removes them.
const Keep = 90 * 24 * time.Hour

// Entry is one document as it was and as a run is about to leave it. Both are whole documents with their _id.
type Entry struct {
	Before bson.Raw
	// After is nil where the document is deleted.
	After bson.Raw
}

// Action is what undoing an entry takes.
type Action string

// The actions.
const (
	Insert   Action = "insert"   // it was deleted, and nothing has taken its place
	Replace  Action = "replace"  // it was changed, and stands as the run left it
	Nothing  Action = "nothing"  // it is as it was: the run never came to it, or it was restored already
	Conflict Action = "conflict" // it was written since: left alone
)

// Undo decides what undoing e takes, where current is the document as it is now (nil: there is none).
func (e Entry) Undo(current bson.Raw) Action {
	switch {
	case current != nil && bytes.Equal(current, e.Before):
		return Nothing
	case current == nil && e.After == nil:
		return Insert
	case current != nil && bytes.Equal(current, e.After):
		return Replace
	}
	return Conflict
}
