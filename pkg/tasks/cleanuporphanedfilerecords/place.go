package cleanuporphanedfilerecords

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// version is the format of head and saved.
const version = 2

// keepEvery is how much listing a killed run loses at most, beside one folder.
const keepEvery = 10 * time.Second

// maxAge is how long after its beginning a listing is still gone on with. Nothing rests on it but that files which
// went meanwhile are noted late.
const maxAge = 24 * time.Hour

// maxFinished is how long a listing is of use to a run after the one that finished it: where that one was killed
// later, the next comes soon. Where it was refused, the next one is to see what is there then.
const maxFinished = time.Hour

// place is how far the listing of the roots came. In the checkpoints it is one head and, under keys of their own, what
// was found since the part before. Only the parts that the head counts exist, and only where their sum is right.
type place struct {
	env  tasks.Env
	plan string
	head head
	kept time.Duration // when the place was last saved
	used bool          // there is something in the checkpoints
}

type head struct {
	Begun    time.Time `bson:"begun"`    // the run that began the listing
	Finished time.Time `bson:"finished"` // the run that knew all that there is to know; zero: none yet
	Parts    int       `bson:"parts"`
	Sum      []byte    `bson:"sum"` // SHA-256 of the sum until the last part and that part
}

type saved struct {
	Root int        `bson:"root"`
	Part roots.Part `bson:"part"`
}

// serves tells whether a run at that time may go on from there.
func (h head) serves(now time.Time) bool {
	late := !h.Finished.IsZero() && now.Sub(h.Finished) > maxFinished
	return !late && !h.Begun.After(now) && now.Sub(h.Begun) <= maxAge
}

// newPlace is the place of a run with these roots. A listing is nothing to a run with other options, another
// declaration or other roots, or for which a root is another than it was.
func newPlace(env tasks.Env, list []*root) *place {
	o := env.Options
	items := []string{fmt.Sprintf("library %s, limits %+v, path maps %q", env.Library.Digest, o.Limits, o.PathMaps)}
	for i, r := range list {
		item := fmt.Sprintf("root %d %q %+v without %q, trouble %q", i, r.path, r.identity, r.elsewhere, r.trouble)
		items = append(items, item)
	}
	return &place{env: env, plan: tasks.Digest(items), head: head{Begun: env.Now}, kept: env.Elapsed()}
}

func (p *place) key() checkpoint.Key {
	return checkpoint.Key{Task: jobspec.CleanupOrphanedFileRecords, Version: version, Plan: p.plan}
}

func (p *place) part(n int) checkpoint.Key {
	k := p.key()
	k.Plan = fmt.Sprintf("%s/%d", k.Plan, n)
	return k
}

// resume is the walks from where an earlier run left them, or, where nothing of use is saved, from the beginning.
func (p *place) resume(ctx context.Context, begin func() []*roots.Walk) ([]*roots.Walk, error) {
	raw, err := p.env.Checkpoints.Load(ctx, p.key())
	p.used = raw != nil
	var h head
	if err != nil || raw == nil || bson.Unmarshal(raw, &h) != nil || !h.serves(p.env.Now) {
		return begin(), err
	}
	walks := begin()
	whole, err := p.restore(ctx, h, walks)
	if err != nil || !whole {
		return begin(), err
	}
	p.head = h
	return walks, nil
}

// restore tells whether every part was there and as it was saved.
func (p *place) restore(ctx context.Context, h head, walks []*roots.Walk) (whole bool, err error) {
	var sum []byte
	for n := range h.Parts {
		raw, err := p.env.Checkpoints.Load(ctx, p.part(n))
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
func (s saved) restoreTo(walks []*roots.Walk) bool {
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
func (p *place) keep(ctx context.Context, walks []*roots.Walk) error {
	now := p.env.Elapsed()
	if now-p.kept < keepEvery {
		return nil
	}
	p.kept, p.used = now, true
	for i, w := range walks {
		if w == nil {
			continue
		}
		for part, news := w.Take(); news; part, news = w.Take() {
			if err := p.add(ctx, saved{Root: i, Part: part}); err != nil {
				return err
			}
		}
	}
	return p.env.Checkpoints.Save(ctx, p.key(), p.head)
}

// add saves a part, which counts only when the head is saved too.
func (p *place) add(ctx context.Context, s saved) error {
	raw, err := bson.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode a part of the listing: %w", err)
	}
	if err := p.env.Checkpoints.Save(ctx, p.part(p.head.Parts), bson.Raw(raw)); err != nil {
		return err
	}
	p.head.Parts, p.head.Sum = p.head.Parts+1, sumOf(p.head.Sum, raw)
	return nil
}

// finish says that there is nothing left to find out, or, where no root could be judged, that what was found is of no
// use.
func (p *place) finish(ctx context.Context, judged bool) error {
	switch {
	case !p.used:
		return nil
	case !judged:
		p.used = false
		return forgetPlace(ctx, p.env)
	}
	p.head.Finished = p.env.Now
	return p.env.Checkpoints.Save(ctx, p.key(), p.head)
}

// forgetPlace removes the place.
func forgetPlace(ctx context.Context, env tasks.Env) error {
	return env.Checkpoints.Clear(ctx, jobspec.CleanupOrphanedFileRecords)
}
