package declare

import (
	"context"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Look samples each collection, but for maintenance's own, and looks up which of the ids in the samples exist. It is
// all that References needs.
func Look(ctx context.Context, db *mongodb.Reader, collections []string, size int) (Facts, error) {
	f := Facts{Database: db.Name(), Found: map[string]*bsonvalue.IDSet{}}
	for _, name := range collections {
		if strings.HasPrefix(name, library.Reserved) || strings.HasPrefix(name, "system.") {
			continue
		}
		docs, err := db.Sample(ctx, name, size)
		if err != nil {
			return f, err
		}
		f.Samples = append(f.Samples, Sample{Collection: name, Estimate: db.Estimate(ctx, name), Docs: docs})
	}
	for collection, ids := range Ask(f.Samples) {
		found, err := db.Existing(ctx, collection, ids)
		if err != nil {
			return f, err
		}
		f.Found[collection] = found
	}
	return f, nil
}

// Gather is Look, and reads what Counters needs besides: each collection that refers, once, and how much the stored
// queries match.
func Gather(ctx context.Context, db *mongodb.Reader, collections []string, size int) (Facts, error) {
	f, err := Look(ctx, db, collections, size)
	if err != nil {
		return f, err
	}
	f.Tallies = Tallies(f)
	for _, s := range f.Samples {
		if err := count(ctx, db, s.Collection, f.Tallies); err != nil {
			return f, err
		}
	}
	f.Matches, err = matched(ctx, db, Queries(f.Samples))
	return f, err
}

// count gives every document of a collection to the tallies that count it.
func count(ctx context.Context, db *mongodb.Reader, collection string, all []*Tally) error {
	tallies := slices.DeleteFunc(slices.Clone(all), func(t *Tally) bool { return t.From.Collection != collection })
	if len(tallies) == 0 {
		return nil
	}
	var fields []string
	for _, t := range tallies {
		fields = append(fields, t.Fields()...)
	}
	slices.Sort(fields)
	return db.Scan(ctx, collection, mongodb.ScanOptions{Fields: slices.Compact(fields)}, func(doc bson.Raw) error {
		for _, t := range tallies {
			t.Add(doc)
		}
		return nil
	})
}

// matched counts what stored queries match. One that the server cannot run matches nothing that is known.
func matched(ctx context.Context, db *mongodb.Reader, queries []Query) (matches []Match, err error) {
	for _, q := range queries {
		n, err := db.Count(ctx, q.In, q.Filter)
		var invalid *connection.QueryError
		switch {
		case errors.As(err, &invalid):
			continue
		case err != nil:
			return nil, err
		}
		matches = append(matches, Match{q, n})
	}
	return matches, nil
}
