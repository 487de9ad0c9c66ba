package vectors

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
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
func (r Run) takeTally(ctx context.Context) (t tally, doubt string, err error) {
	if r.DB.Facts().IsFerretDB1() {
		return t, "this server would read everything for an answer", nil
	}
	for _, s := range r.Library.Vectors.Sources {
		if s.Changed == "" {
			return t, fmt.Sprintf("the declaration does not say when a vector of %s changed", s.Collection), nil
		}
	}
	if err = r.countFiles(ctx, &t); err == nil {
		doubt, err = r.countSources(ctx, &t)
	}
	if ctx.Err() != nil {
		return t, "", context.Cause(ctx)
	}
	if err != nil {
		return t, err.Error(), nil // as by a server that does not know a stage
	}
	return t, doubt, nil
}

func (r Run) countFiles(ctx context.Context, t *tally) error {
	files := r.Library.Files.Collection
	n, err := r.DB.Count(ctx, files, bson.D{})
	if err != nil {
		return err
	}
	greatest, err := r.DB.Greatest(ctx, files)
	t.Files, t.Greatest = n, greatest.String()
	return err
}

func (r Run) countSources(ctx context.Context, t *tally) (doubt string, err error) {
	for _, s := range r.Library.Vectors.Sources {
		kinds, err := r.DB.Census(ctx, mongodb.Census{
			Collection: s.Collection, Entries: s.Providers, Key: s.Provider, Value: s.Vector, Stamp: s.Changed,
		})
		if err != nil {
			return "", err
		}
		if doubt := unreliable(s, kinds, r.Now); doubt != "" {
			return doubt, nil
		}
		t.Sources = append(t.Sources, inWords(kinds))
	}
	return "", nil
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
