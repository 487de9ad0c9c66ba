package databaseoptimization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// tally is what the server says of the sources of vectors without sending them. It is asked for before the sources are
// read, so that whatever changes meanwhile makes a difference to the next one.
type tally struct {
	Files    int64      `json:"files"`
	Greatest string     `json:"greatestFile"`
	Sources  [][]string `json:"sources"` // the kinds of each source, in words, sorted
}

// atRest is how old the newest vector must be: a later one may have the same time.
const atRest = time.Minute

// takeTally asks for a tally. Where there is none that the next run could rely on, it says why not.
func takeTally(ctx context.Context, env tasks.Env) (t *tally, why string, err error) {
	if env.DB.Facts().IsFerretDB1() {
		return nil, "this server would read everything for an answer", nil
	}
	for _, s := range env.Library.Vectors.Sources {
		if s.Changed == "" {
			return nil, fmt.Sprintf("the declaration does not say when a vector of %s changed", s.Collection), nil
		}
	}
	t, err = countFiles(ctx, env)
	for _, s := range env.Library.Vectors.Sources {
		var kinds []mongodb.Kind
		if err == nil {
			kinds, err = env.DB.Census(ctx, census(s))
		}
		if ctx.Err() != nil {
			return nil, "", context.Cause(ctx)
		}
		if err != nil {
			return nil, err.Error(), nil // as by a server that does not know a stage
		}
		if why := unreliable(s, kinds, env.Now); why != "" {
			return nil, why, nil
		}
		t.Sources = append(t.Sources, inWords(kinds))
	}
	return t, "", nil
}

// countFiles begins a tally with the files that exist.
func countFiles(ctx context.Context, env tasks.Env) (*tally, error) {
	n, err := env.DB.Count(ctx, env.Library.Files.Collection, nothing)
	if err != nil {
		return nil, err
	}
	greatest, err := env.DB.Greatest(ctx, env.Library.Files.Collection)
	return &tally{Files: n, Greatest: greatest.String()}, err
}

func census(s library.VectorSource) mongodb.Census {
	return mongodb.Census{Collection: s.Collection, Entries: s.Providers, Key: s.Provider, Value: s.Vector, Stamp: s.Changed}
}

// unreliable says why the vectors of a source could change without another answer: one has no time, or one so new that
// the next may have the same.
func unreliable(s library.VectorSource, kinds []mongodb.Kind, now time.Time) string {
	for _, k := range kinds {
		at, isTime := bsonvalue.TimeOf(k.Newest)
		switch {
		case k.Of.Value != "array":
		case !isTime || !slices.Contains([]string{"date", "string", "int", "long", "double"}, k.Of.Stamp):
			return fmt.Sprintf("vectors of %s have no time in %s", s.Collection, s.Changed)
		case at.After(now.Add(-atRest)):
			return fmt.Sprintf("a vector of %s changed less than %s ago", s.Collection, atRest)
		}
	}
	return ""
}

func inWords(kinds []mongodb.Kind) []string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		of := []string{k.Of.Key.String(), k.Of.Value, k.Of.Stamp, fmt.Sprint(k.Count), k.Newest.String(), k.Greatest.String()}
		words[i] = strings.Join(of, " ")
	}
	slices.Sort(words)
	return words
}
