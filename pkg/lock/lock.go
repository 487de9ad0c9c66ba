// Package lock is the contract of maintenance's lock: one run that writes at a time for each scope, or any number that
// only read. It is pure; the store is in pkg/mongodb.
//
// Kubernetes' Forbid is no lock: it promises "about once", knows nothing of a run by hand, and nothing of another
// cluster.
package lock

import (
	"fmt"
	"time"
)

// TTL is how long a lock lives without renewal, and RenewEvery how often a holder renews it. A holder that could not
// renew for TTL must take the lock for lost, by its own clock: the server then gives it to others.
const (
	TTL        = 60 * time.Second
	RenewEvery = 15 * time.Second
)

// Mode is how a lock is held.
type Mode string

// The modes. Readers share; a writer is alone.
const (
	Read  Mode = "read"
	Write Mode = "write"
)

// DatabaseScope is the scope of all that a run does to a database.
func DatabaseScope(name string) string { return "database " + name }

// Request asks for a lock.
type Request struct {
	Scope string // what is locked: a database
	Mode  Mode   // set by the store, which has a function for each
	Run   string // who asks
	Task  string
	Host  string
	// Yields: once it has the lock it gives it up when a run that asks wants it. Asks: it waits for holders that yield. A
	// run of priority high asks, any other yields.
	Yields, Asks bool
	// Patience is how long it waits for them; 0: YieldWithin.
	Patience time.Duration
}

// Record is one held lock as it is stored, or the wish for one.
type Record struct {
	ID         string    `bson:"_id"` // unique: inserting it is what takes the lock
	Scope      string    `bson:"scope"`
	Nonce      string    `bson:"nonce"`      // tells the record from a later one with the same id
	Generation int64     `bson:"generation"` // a writer's; each one is above those before it
	Mode       Mode      `bson:"mode"`
	Run        string    `bson:"run"`
	Task       string    `bson:"task"`
	Host       string    `bson:"host"`
	TakenAt    time.Time `bson:"taken_at"`
	ExpiresAt  time.Time `bson:"expires_at"` // by the server's clock
	Yields     bool      `bson:"yields"`     // the holder looks for runs that ask, and makes way
	Waiting    bool      `bson:"waiting"`    // not held: its run asks for it, see Wait
}

// HeldError says who holds the lock.
type HeldError struct {
	By    Record
	Asked bool // to yield, in vain
}

func (e *HeldError) Error() string {
	held := "held by"
	if e.By.Waiting {
		held = "promised to"
	}
	text := fmt.Sprintf("the lock of %s is %s run %s (%s on %s) since %s; it is free when that run ends, or by %s if it "+
		"was killed", e.By.Scope, held,
		e.By.Run, e.By.Task, e.By.Host, e.By.TakenAt.UTC().Format(time.RFC3339), e.By.ExpiresAt.UTC().Format(time.RFC3339))
	if e.Asked {
		text += fmt.Sprintf("; it was asked to make way and did not within %s", YieldWithin)
	}
	return text
}

// Blocking is the record that keeps r from being held at now, or nil; one that does not yield is named before one that
// does. Own is the id of r's own record. Where one run asks, another that does not ask leaves the lock to it.
func (r Request) Blocking(records []Record, own string, now time.Time) (by *Record) {
	for i, other := range records {
		free := other.ID == own || r.left(other) || !other.ExpiresAt.After(now)
		if free || !excludes(r.Mode, other.Mode) || other.Waiting && r.Asks {
			continue
		}
		if by == nil || by.Yields && !other.Yields {
			by = &records[i]
		}
	}
	return by
}

// Left are the records that the same run has left behind: its pod was killed, and this one is the next. Whoever takes
// the lock removes them, so that a pod that is not dead after all loses it before its next batch.
func (r Request) Left(records []Record, own string) (left []Record) {
	for _, other := range records {
		if other.ID != own && r.left(other) {
			left = append(left, other)
		}
	}
	return left
}

func (r Request) left(other Record) bool {
	return r.Run != "" && other.Run == r.Run && other.Task == r.Task
}

func excludes(a, b Mode) bool { return a == Write || b == Write }

// Next is the record that takes the lock, given those that are there. A writer's id follows from its generation, so
// that of two who saw the same records only one can insert; a reader's follows from the nonce, which no other request
// shares.
func (r Request) Next(records []Record, nonce string, now time.Time) Record {
	next := Record{Scope: r.Scope, Nonce: nonce, Mode: r.Mode, Yields: r.Yields, Run: r.Run, Task: r.Task, Host: r.Host,
		TakenAt: now, ExpiresAt: now.Add(TTL)}
	for _, other := range records {
		next.Generation = max(next.Generation, other.Generation)
	}
	if r.Mode == Read {
		next.ID = fmt.Sprintf("%s/read/%s/%s", r.Scope, r.Run, nonce)
		return next
	}
	next.Generation++
	next.ID = fmt.Sprintf("%s/write/%d", r.Scope, next.Generation)
	return next
}
