// Package journal is the contract of maintenance's journal: before a run deletes or changes a document, what leads back
// to the document as it was is written there, so that the run can be undone byte by byte.
//
// It is pure: what an entry holds, how an entry of any size is cut into parts, and what becomes of one when its run is
// undone. It must not know where entries are stored; the store is in pkg/mongodb/stores.
package journal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Keep is how long entries stay before the server removes them.
const Keep = 90 * 24 * time.Hour

// Digest is the SHA-256 of a document's bytes. The zero Digest stands for no document.
type Digest [sha256.Size]byte

// DigestOf is the digest of a document; nil is no document.
func DigestOf(doc bson.Raw) Digest {
	if doc == nil {
		return Digest{}
	}
	return sha256.Sum256(doc)
}

// Form is what the data of an entry are.
type Form string

// The forms.
const (
	Whole  Form = "whole"  // the document as it was
	Change Form = "change" // what differs from the document as the run left it
)

// Entry leads from one document as a run leaves it back to the document as it was.
type Entry struct {
	Form Form
	Data []byte
	// Before is of the document as it was, After of the document as the run leaves it: the zero Digest where it is
	// deleted.
	Before, After Digest
}

// NewEntry is the entry of a document that goes from before to after; a nil after is a deletion. It holds the change
// alone where that is smaller and was seen to lead back exactly, and else the whole document as it was. It never holds
// both documents.
func NewEntry(before, after bson.Raw) Entry {
	e := Entry{Form: Whole, Data: before, Before: DigestOf(before), After: DigestOf(after)}
	if after == nil {
		return e
	}
	data, ok := changeBack(before, after)
	if !ok || len(data) >= len(before) {
		return e
	}
	if back, err := applyBack(data, after); err == nil && bytes.Equal(back, before) {
		e.Form, e.Data = Change, data
	}
	return e
}

// ErrDamaged says that an entry does not lead back to the document as it was.
var ErrDamaged = errors.New("the journal entry is damaged: it does not lead back to the document as it was")

// Original is the document as it was. Current, the document as the run left it, is needed by a Change only.
func (e Entry) Original(current bson.Raw) (bson.Raw, error) {
	original := bson.Raw(e.Data)
	if e.Form == Change {
		var err error
		if original, err = applyBack(e.Data, current); err != nil {
			return nil, errors.Join(ErrDamaged, err)
		}
	}
	if DigestOf(original) != e.Before {
		return nil, ErrDamaged
	}
	return original, nil
}

// Action is what undoing an entry takes.
type Action string

// The actions.
const (
	Insert   Action = "insert"   // it was deleted, and nothing has taken its place
	Replace  Action = "replace"  // it was changed, and stands as the run left it
	Nothing  Action = "nothing"  // it is as it was: the run never came to it
	Earlier  Action = "earlier"  // an earlier restore undid it; what became of the document since is its owner's doing
	Conflict Action = "conflict" // it was written since: left alone
)

// Undo decides what undoing e takes, where current is the document as it is now (nil: there is none).
func (e Entry) Undo(current bson.Raw) Action { return e.undo(DigestOf(current)) }

func (e Entry) undo(current Digest) Action {
	gone := current == Digest{}
	switch {
	case !gone && current == e.Before:
		return Nothing
	case gone && e.After == Digest{}:
		return Insert
	case !gone && current == e.After:
		return Replace
	}
	return Conflict
}
