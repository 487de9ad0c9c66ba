package backgroundcountverification

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// version is the format of state.
const version = 1

// state is where a round is.
type state struct {
	Slices int  `bson:"slices"` // a power of two
	Slice  int  `bson:"slice"`  // the one that is counted now
	Begun  bool `bson:"begun"`  // its entries are chosen
	Second bool `bson:"second"` // and are those that differed in the first scan
	// After is up to where the files were counted in this scan, Scanned how many, Ended whether all were.
	After   mongodb.Position `bson:"after"`
	Scanned int64            `bson:"scanned"`
	Ended   bool             `bson:"ended"`
	Entries []byte           `bson:"entries"`
}

// start is the beginning of a round.
func start() state { return state{Slices: 1} }

// key tells models apart, since a place in one is none in another.
func key(m library.Model) checkpoint.Key {
	return checkpoint.Key{Task: jobspec.BackgroundCountVerification, Version: version, Plan: tasks.Digest([]string{fmt.Sprintf("%+v", m)})}
}

// load is the saved state with its entries, or the beginning of a round where nothing of use is saved.
func load(ctx context.Context, env tasks.Env) (s state, entries []entry, saved bool, err error) {
	raw, err := env.Checkpoints.Load(ctx, key(env.Model))
	if err != nil || raw == nil {
		return start(), nil, false, err
	}
	if err := bson.Unmarshal(raw, &s); err != nil || s.Slices < 1 || s.Slice < 0 || s.Slice >= s.Slices {
		return start(), nil, true, nil
	}
	entries, err = unpack(s.Entries, s.Second)
	if err != nil {
		return start(), nil, true, nil
	}
	s.Entries = nil
	return s, entries, true, nil
}

// packed is s with its entries.
func (s state) packed(entries []entry) state {
	s.Entries = []byte{}
	for _, e := range entries {
		s.Entries = e.pack(s.Entries, s.Second)
	}
	return s
}

// coverage is how much of the round is done, in percent; it is 100 only when all is.
func (s state) coverage(files int64) int64 {
	part := 1.0
	if !s.Second && !s.Ended {
		part = float64(s.Scanned) / float64(max(files, s.Scanned, 1))
	}
	return min(99, int64(100*(float64(s.Slice)+part)/float64(s.Slices)))
}
