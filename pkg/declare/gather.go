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

// Describable are the collections that a declaration may name: neither maintenance's own nor the server's.
func Describable(collections []string) (some []string) {
	for _, name := range collections {
		if !strings.HasPrefix(name, library.Reserved) && !strings.HasPrefix(name, "system.") {
			some = append(some, name)
		}
	}
	return some
}

// Gather samples each Describable collection, looks up which of the ids in the samples exist, and reads what Counters
// needs besides: each collection that refers, once, and how much the stored queries match.
func Gather(ctx context.Context, db *mongodb.Reader, collections []string, size int) (Facts, error) {
	f := Facts{Database: db.Name()}
	for _, name := range Describable(collections) {
		s := Sample{Collection: name, Estimate: db.Estimate(ctx, name)}
		err := db.Sample(ctx, name, size, func(doc bson.Raw) error {
			s.Docs = append(s.Docs, slices.Clone(doc))
			return nil
		})
		if err != nil {
			return f, err
		}
		f.Samples = append(f.Samples, s)
	}
	if err := f.lookUp(ctx, db, Ask(f.Samples)); err != nil {
		return f, err
	}
	f.Tallies = Tallies(f)
	for _, s := range f.Samples {
		if err := count(ctx, db, s.Collection, f.Tallies); err != nil {
			return f, err
		}
	}
	matches, err := matched(ctx, db, Queries(f.Samples))
	f.Matches = matches
	return f, err
}

// lookUp finds out which ids have a document.
func (f *Facts) lookUp(ctx context.Context, db *mongodb.Reader, asked map[string][]bsonvalue.ID) (err error) {
	f.Found = map[string]*bsonvalue.IDSet{}
	for collection, ids := range asked {
		if f.Found[collection], err = db.Existing(ctx, collection, ids); err != nil {
			return err
		}
	}
	return nil
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
