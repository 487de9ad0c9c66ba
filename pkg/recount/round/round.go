// Package round is where a recount stands that takes several runs: which documents with counters are counted now, how
// far, and what follows when a scan of what they count has ended. A Place is what a checkpoint holds of it.
//
// It is pure: it reads no database and no clock, and writes nothing.
package round

import (
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
)

// Version is the format of Place.
const Version = 4

// Place is where a round is.
type Place struct {
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
	Entries Entries          `bson:"entries"`
}

// Start is the beginning of a round in so many slices.
func Start(slices int) Place { return Place{Slices: slices} }

// Fits tells whether this is a place in a round over these counters.
func (p Place) Fits(counters recount.Counters) bool {
	return p.Slices >= 1 && p.Slice >= 0 && p.Slice < p.Slices &&
		p.Source >= 0 && p.Source <= len(counters.Sources) && p.Entries.fit(counters.Collections)
}

// Coverage is how much of the round is done, in percent, of as many documents to count; it is 100 only when all is.
func (p Place) Coverage(documents int64) int64 {
	part := 1.0
	if !p.Second && !p.Ended {
		part = float64(p.Scanned) / float64(max(documents, p.Scanned, 1))
	}
	return min(99, int64(100*(float64(p.Slice)+part)/float64(p.Slices)))
}

// Index is the place of each entry, by collection, of which there are so many.
func (p Place) Index(collections int) []bsonvalue.IDMap[int] {
	index := make([]bsonvalue.IDMap[int], collections)
	for i, e := range p.Entries {
		index[e.Kind].Put(bsonvalue.Of(e.ID), i)
	}
	return index
}

// EntryOf is the entry of a document, if it has one: a new one while the entries are chosen, else the one that there
// is, unless the document's counters changed since.
func (p Place) EntryOf(kind int, id bsonvalue.ID, looks []recount.Look, index []bsonvalue.IDMap[int]) (Entry, bool) {
	stored := digestOf(looks)
	if !p.Begun {
		return Entry{Kind: kind, ID: id.Raw(), Stored: stored}, slice(id, p.Slices) == p.Slice
	}
	i, ok := index[kind].At(id)
	if !ok || p.Entries[i].Stored != stored {
		return Entry{}, false
	}
	return p.Entries[i], true
}

// Collect takes the sums of a tally over into the entries.
func (p Place) Collect(tally *recount.Tally, collections int) {
	totals := make([]recount.Totals, collections)
	for kind := range totals {
		totals[kind] = tally.Totals(kind)
	}
	for i, e := range p.Entries {
		p.Entries[i].Sums = totals[e.Kind].Sums(bsonvalue.Of(e.ID))
	}
}

// Scan is a scan that has ended.
type Scan struct {
	Place Place
	Wrong [][]recount.Document // by collection: see recount.Tally.Wrong
}

// Drifted is one document that stores something else than both scans came to, and the entry by which it was counted.
type Drifted struct {
	recount.Document
	Entry Entry
}

// Finding is what follows from a scan.
type Finding struct {
	Drifted  [][]Drifted // by collection
	Found    int         // how many they are
	Unsure   int64       // documents on which the two scans do not agree
	Next     Place       // where the round goes on, or the next one begins
	Complete bool        // the round is
}

// Conclude is what follows: from a first scan a second one of the documents that are wrong; from that, those that it
// finds as the first one did have drifted. Where none is left, the next slice follows, or the round is complete. The
// zero Scan has no finding.
func (s Scan) Conclude() Finding {
	f := Finding{Drifted: make([][]Drifted, len(s.Wrong))}
	var suspects Entries
	for kind, of := range s.Place.Index(len(s.Wrong)) {
		for _, d := range s.Wrong[kind] {
			i, _ := of.At(d.ID)
			switch e := s.Place.Entries[i]; {
			case !s.Place.Second:
				suspects = append(suspects, Entry{Kind: kind, ID: e.ID, Stored: e.Stored, First: wanted(d)})
			case slices.Equal(e.First, wanted(d)):
				f.Drifted[kind], f.Found = append(f.Drifted[kind], Drifted{d, e}), f.Found+1
			default:
				f.Unsure++
			}
		}
	}
	f.Next, f.Complete = s.Place.advance(suspects)
	return f
}

// advance is where a round goes on after a scan: with the second scan of the suspects, with the next slice, or, where
// it is complete, with another round.
func (p Place) advance(suspects Entries) (next Place, complete bool) {
	switch next = Start(p.Slices); {
	case len(suspects) > 0:
		next.Slice, next.Begun, next.Second, next.Entries = p.Slice, true, true, suspects
	case p.Slice+1 == p.Slices:
		return Start(1), true
	default:
		next.Slice = p.Slice + 1
	}
	return next, false
}

// wanted is what the counters of a document should be.
func wanted(d recount.Document) (want []int64) {
	for _, c := range d.Counters {
		want = append(want, c.Want)
	}
	return want
}
