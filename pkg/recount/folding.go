package recount

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// Folds tells whether a collection finds texts equal that differ, as mongodb.Reader does.
type Folds func(collection string) (bool, error)

// Folded are documents whose counters are left alone: their ids are texts, and a collection that refers to them finds
// texts equal that differ. There the application's own query counts more than this package, which compares ids exactly.
type Folded struct {
	Documents int64
	of, in    string
}

// foldedIn is the first collection that folds and whose documents are counted for a document of a collection with
// counters; empty: there is none.
func (c Counters) foldedIn(target int, id bsonvalue.ID, folds Folds) (string, error) {
	if !id.Collates() {
		return "", nil
	}
	for _, s := range c.Sources {
		if !slices.ContainsFunc(s.references, func(r reference) bool { return r.target == target }) {
			continue
		}
		if does, err := folds(s.Collection); err != nil || does {
			return s.Collection, err
		}
	}
	return "", nil
}

// Exact parts documents of a collection with counters into those whose counts are exact for the application as well,
// and those that are Folded.
func (c Counters) Exact(
	target int, documents []Document, folds Folds,
) (exact []Document, folded Folded, err error) {
	folded.of = c.Collections[target].Name
	for _, d := range documents {
		in, err := c.foldedIn(target, d.ID, folds)
		if err != nil {
			return nil, folded, err
		}
		if in == "" {
			exact = append(exact, d)
			continue
		}
		folded.in = in
		folded.Documents++
	}
	return exact, folded, nil
}

// Warning says, for a person, what was left alone and why; empty: nothing was.
func (f Folded) Warning() string {
	if f.Documents == 0 {
		return ""
	}
	return fmt.Sprintf("the counters of %d documents of %s were left alone: their _id is a text, and %s has a default collation "+
		"that finds different texts equal, such as \"a\" and \"A\"", f.Documents, f.of, f.in)
}
