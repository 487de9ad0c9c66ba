package stores

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// storedEntry is an entry of the journal, put together of its records.
type storedEntry struct {
	id         bson.ObjectID // of the record that is noted when the entry is undone
	collection string
	document   bsonvalue.ID
	name       string // the document's, for people
	entry      journal.Entry
	restored   bool  // by an earlier restore
	damage     error // why the entry cannot be read
}

// eachEntry gives a run's entries to each, the last one first. Known tells whether the journal has any record of the
// run.
func eachEntry(
	ctx context.Context, r *mongodb.Reader, run string, each func(storedEntry) error,
) (known bool, err error) {
	// A batch is undone long before the server gives up a cursor that nobody asks.
	find := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetBatchSize(1000)
	a := &assembly{each: each}
	err = r.Find(ctx, driver.Key{}, mongodb.JournalCollection, bson.D{{Key: "run", Value: run}}, find, a.add)
	if err == nil {
		err = a.end()
	}
	return a.known, err
}

// assembly puts entries together. The records come in the order against that of writing: the one with the form, then
// its parts from the last to the first.
type assembly struct {
	each   func(storedEntry) error
	entry  storedEntry
	parts  [][]byte // of the data, the last one first
	wanted int      // parts that are still to come; 0: no entry is open
	known  bool     // there was a record
}

func (a *assembly) add(raw bson.Raw) error {
	a.known = true
	var r journalRecord
	if err := bson.Unmarshal(raw, &r); err != nil {
		name := fmt.Sprintf("%s %s", mongodb.JournalCollection, bsonvalue.Reference(raw, "_id"))
		return a.each(storedEntry{name: name, damage: fmt.Errorf("%w: %w", journal.ErrDamaged, err)})
	}
	switch {
	case r.Head:
		return nil
	case r.Part && a.wanted > 0:
		a.parts = append(a.parts, r.Data)
		if a.wanted--; a.wanted > 0 {
			return nil
		}
		slices.Reverse(a.parts)
		a.entry.entry.Data = slices.Concat(a.parts...)
		return a.each(a.entry)
	case r.Part:
		return nil // the run ended before it wrote the last record, and so before it touched the document
	}
	if err := a.end(); err != nil {
		return err
	}
	entry := r.stored()
	if r.Parts == 0 {
		return a.each(entry)
	}
	a.entry, a.parts, a.wanted = entry, [][]byte{r.Data}, r.Parts
	return nil
}

// end gives the open entry, whose parts are not all there.
func (a *assembly) end() error {
	if a.wanted == 0 {
		return nil
	}
	a.entry.damage, a.wanted = fmt.Errorf("%w: a part of it is missing", journal.ErrDamaged), 0
	return a.each(a.entry)
}

// stored is the entry of a record, without its parts.
func (r journalRecord) stored() storedEntry {
	id := bsonvalue.Of(r.Document)
	e := storedEntry{
		id: r.ID, collection: r.Collection, document: id, name: r.Collection + " " + id.String(),
		restored: !r.RestoredAt.IsZero(), entry: journal.Entry{Form: r.Form, Data: r.Data},
	}
	copy(e.entry.Before[:], r.Was)
	copy(e.entry.After[:], r.Left)
	switch r.Form {
	case journal.Whole, journal.Change:
	case "":
		e.entry = journal.NewEntry(r.Before, r.After)
	default:
		e.damage = fmt.Errorf("%w: a newer release wrote it, in the form %q", journal.ErrDamaged, r.Form)
	}
	return e
}
