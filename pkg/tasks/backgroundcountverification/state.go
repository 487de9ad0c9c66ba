package backgroundcountverification

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// version is the format of state.
const version = 4

// state is where a round is.
type state struct {
	Slices int  `bson:"slices"` // a power of two
	Slice  int  `bson:"slice"`  // the one that is counted now
	Begun  bool `bson:"begun"`  // its entries are chosen
	Second bool `bson:"second"` // and are those that differed in the first scan
	// Source is the collection that is counted in this scan, After up to where, Scanned how many documents were counted
	// of all, Ended whether all were.
	Source  int              `bson:"source"`
	After   mongodb.Position `bson:"after"`
	Scanned int64            `bson:"scanned"`
	Ended   bool             `bson:"ended"`
	// Answers are how many documents match the stored queries that were counted in this scan, by their keys.
	Answers map[string]int64 `bson:"answers"`
	Entries entries          `bson:"entries"`
}

// start is the beginning of a round.
func start() state { return state{Slices: 1} }

// advance is where a round goes on after a scan: with the second scan of the suspects, with the next slice, or, where it
// is complete, with another round.
func (s state) advance(suspects entries) (next state, complete bool) {
	if len(suspects) > 0 {
		return state{Slices: s.Slices, Slice: s.Slice, Begun: true, Second: true, Entries: suspects}, false
	}
	if s.Slice+1 == s.Slices {
		return start(), true
	}
	return state{Slices: s.Slices, Slice: s.Slice + 1}, false
}

// key tells declarations apart, since a place in one is none in another.
func key(l library.Library) checkpoint.Key {
	return checkpoint.Key{Task: jobspec.BackgroundCountVerification, Version: version, Plan: l.Digest}
}

// load is the saved place, or the beginning of a round where nothing of use is saved.
func load(ctx context.Context, env tasks.Env, counters recount.Counters) (s state, saved bool, err error) {
	raw, err := env.Checkpoints.Load(ctx, key(env.Library))
	if err != nil || raw == nil || bson.Unmarshal(raw, &s) != nil || !s.fits(counters) {
		s = start()
	}
	return s, raw != nil, err
}

func (s state) fits(counters recount.Counters) bool {
	return s.Slices >= 1 && s.Slice >= 0 && s.Slice < s.Slices &&
		s.Source >= 0 && s.Source <= len(counters.Sources) && s.Entries.fit(counters.Collections)
}

// coverage is how much of the round is done, in percent, of as many documents to count; it is 100 only when all is.
func (s state) coverage(documents int64) int64 {
	part := 1.0
	if !s.Second && !s.Ended {
		part = float64(s.Scanned) / float64(max(documents, s.Scanned, 1))
	}
	return min(99, int64(100*(float64(s.Slice)+part)/float64(s.Slices)))
}
