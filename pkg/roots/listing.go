package roots

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/checkpoint"
)

// listingVersion is the format of head and saved.
const listingVersion = 2

// keepEvery is how much listing a killed run loses at most, beside one folder.
const keepEvery = 10 * time.Second

// maxAge is how long after its beginning a listing is still gone on with. Nothing rests on it but that files which
// went meanwhile are noted late.
const maxAge = 24 * time.Hour

// maxFinished is how long a listing is of use to a run after the one that finished it: where that one was killed
// later, the next comes soon. Where it was refused, the next one is to see what is there then.
const maxFinished = time.Hour

// Listing lists several roots and saves how far it came, so that another run goes on from there. In the checkpoints it
// is one head and, under keys of their own, what was found since the part before. Only the parts that the head counts
// exist, and only where their sum is right.
type Listing struct {
	Store checkpoint.Store
	Task  string // whose listing it is
	// Plan is the digest of all that the listing is for: a listing is nothing to a run with another plan.
	Plan    string
	Now     time.Time            // when the run began
	Elapsed func() time.Duration // since then

	head  head
	kept  time.Duration // when the place was last saved
	saved bool
}

type head struct {
	Begun    time.Time `bson:"begun"`    // the run that began the listing
	Finished time.Time `bson:"finished"` // the run that knew all that there is to know; zero: none yet
	Parts    int       `bson:"parts"`
	Sum      []byte    `bson:"sum"` // SHA-256 of the sum until the last part and that part
}

type saved struct {
	Root int  `bson:"root"`
	Part Part `bson:"part"`
}

// serves tells whether a run at that time may go on from there.
func (h head) serves(now time.Time) bool {
	late := !h.Finished.IsZero() && now.Sub(h.Finished) > maxFinished
	return !late && !h.Begun.After(now) && now.Sub(h.Begun) <= maxAge
}

// Walked is called after each folder with the number of names in it, and for each tree with the number that an earlier
// run had listed, which are not of now. Its error ends the listing.
type Walked func(ctx context.Context, names int64, now bool) error

// Run walks through the trees, from where an earlier run left off, and gives the index of each. A tree without a Disk
// is left out and has none.
func (l *Listing) Run(ctx context.Context, trees []Tree, walked Walked) ([]*Index, error) {
	l.kept = l.Elapsed()
	walks, err := l.resume(ctx, trees)
	if err != nil {
		return nil, err
	}
	for _, w := range walks {
		if w == nil {
			continue
		}
		if err := walked(ctx, int64(len(w.names)), false); err != nil {
			return nil, err
		}
		err := w.Run(ctx, func(names int) error {
			if err := walked(ctx, int64(names), true); err != nil {
				return err
			}
			return l.keep(ctx, walks)
		})
		if err != nil {
			return nil, err
		}
	}
	indexes := make([]*Index, len(walks))
	for i, w := range walks { // not before all are kept
		if w != nil {
			indexes[i] = w.Index()
		}
	}
	return indexes, nil
}

func newWalks(trees []Tree) []*Walk {
	walks := make([]*Walk, len(trees))
	for i, t := range trees {
		if t.Disk != nil {
			walks[i] = NewWalk(t)
		}
	}
	return walks
}

func (l *Listing) key() checkpoint.Key {
	return checkpoint.Key{Task: l.Task, Version: listingVersion, Plan: l.Plan}
}

func (l *Listing) part(n int) checkpoint.Key {
	k := l.key()
	k.Plan = fmt.Sprintf("%s/%d", k.Plan, n)
	return k
}

// resume is the walks from where an earlier run left them, or, where nothing of use is saved, from the beginning.
func (l *Listing) resume(ctx context.Context, trees []Tree) ([]*Walk, error) {
	raw, err := l.Store.Load(ctx, l.key())
	l.saved, l.head = raw != nil, head{Begun: l.Now}
	var h head
	if err != nil || raw == nil || bson.Unmarshal(raw, &h) != nil || !h.serves(l.Now) {
		return newWalks(trees), err
	}
	walks := newWalks(trees)
	whole, err := l.restore(ctx, h, walks)
	if err != nil || !whole {
		return newWalks(trees), err
	}
	l.head = h
	return walks, nil
}

// restore tells whether every part was there and as it was saved.
func (l *Listing) restore(ctx context.Context, h head, walks []*Walk) (whole bool, err error) {
	var sum []byte
	for n := range h.Parts {
		raw, err := l.Store.Load(ctx, l.part(n))
		if err != nil {
			return false, err
		}
		var s saved
		if bson.Unmarshal(raw, &s) != nil || !s.restoreTo(walks) {
			return false, nil
		}
		sum = sumOf(sum, raw)
	}
	return string(sum) == string(h.Sum), nil
}

// restoreTo tells whether s belongs to one of the walks.
func (s saved) restoreTo(walks []*Walk) bool {
	if s.Root < 0 || s.Root >= len(walks) || walks[s.Root] == nil {
		return false
	}
	return walks[s.Root].Restore(s.Part) == nil
}

func sumOf(before []byte, part bson.Raw) []byte {
	sum := sha256.Sum256(slices.Concat(before, part))
	return sum[:]
}

// keep saves what the walks found since the last time, when that is some time ago.
func (l *Listing) keep(ctx context.Context, walks []*Walk) error {
	now := l.Elapsed()
	if now-l.kept < keepEvery {
		return nil
	}
	l.kept, l.saved = now, true
	for i, w := range walks {
		if w == nil {
			continue
		}
		for part, news := w.Take(); news; part, news = w.Take() {
			if err := l.add(ctx, saved{Root: i, Part: part}); err != nil {
				return err
			}
		}
	}
	return l.Store.Save(ctx, l.key(), l.head)
}

// add saves a part, which counts only when the head is saved too.
func (l *Listing) add(ctx context.Context, s saved) error {
	raw, err := bson.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode a part of the listing: %w", err)
	}
	if err := l.Store.Save(ctx, l.part(l.head.Parts), bson.Raw(raw)); err != nil {
		return err
	}
	l.head.Parts, l.head.Sum = l.head.Parts+1, sumOf(l.head.Sum, raw)
	return nil
}

// Finish saves that there is nothing left to find out, or, where that was of no use, removes what was saved. Saved
// tells whether something is left in the checkpoints, which whoever ends the task clears.
func (l *Listing) Finish(ctx context.Context, useful bool) (saved bool, err error) {
	switch {
	case !l.saved:
		return false, nil
	case !useful:
		return false, l.Store.Clear(ctx, l.Task)
	}
	l.head.Finished = l.Now
	return true, l.Store.Save(ctx, l.key(), l.head)
}
