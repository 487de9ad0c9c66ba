package sharing

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// Team is the processes that share the reading of one run, as one of them sees it.
type Team struct {
	DB        *mongodb.Reader
	Run, Task string
	// Index is which of Size processes this one is. The first one, 0, leads.
	Index, Size int
	// Name is a text that no other process has, not even one that had the same Index before.
	Name string
	Log  *slog.Logger
	// ClaimFor is how long a range is left to a process that does not renew its claim, and Poll how often a process
	// looks what the others do; 0: a minute, and a second.
	ClaimFor, Poll time.Duration
	// Patience is how long a helper waits for a leader that gives no sign of life; 0: five minutes.
	Patience time.Duration
}

// Part takes the documents of one range and finds something in them.
type Part struct {
	// Each is called with one document after the other. The document is valid during the call only.
	Each func(bson.Raw) error
	// Encode gives what Each found, in chunks of about MaxChunk bytes.
	Encode func(chunk func([]byte) error) error
}

// MaxChunk is how large a chunk should be at most: far below the 16 MiB of a document.
const MaxChunk = 4 << 20

func (t *Team) claimFor() time.Duration { return cmp.Or(t.ClaimFor, time.Minute) }
func (t *Team) poll() time.Duration     { return cmp.Or(t.Poll, time.Second) }
func (t *Team) patience() time.Duration { return cmp.Or(t.Patience, 5*time.Minute) }

func (t *Team) shares() *stores.Shares { return stores.SharesOf(t.DB, t.Run) }

// wait waits a moment, or until the context ends.
func (t *Team) wait(ctx context.Context) error {
	timer := time.NewTimer(t.poll())
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// longestRun is longer than any run may take.
const longestRun = 8 * 24 * time.Hour

// Begin forgets what runs have left behind long ago. It is for the leader.
func (t *Team) Begin(ctx context.Context) error {
	if err := t.shares().Begin(ctx); err != nil {
		return err
	}
	now, err := t.DB.Time(ctx)
	if err != nil {
		return err
	}
	return t.shares().ClearBefore(ctx, now.Add(-longestRun))
}

// End tells the helpers that the run is over, and forgets what it shared. It is for the leader.
func (t *Team) End(ctx context.Context) error { return t.shares().End(ctx) }
