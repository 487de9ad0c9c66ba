package round

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
)

// wrong is a document with one counter, which should be want.
func wrong(id, want int64) recount.Document {
	return recount.Document{ID: bsonvalue.Int(id), Counters: []recount.Counter{{Field: "n", Stored: bsonvalue.Int(9),
		Want: want}}}
}

// entry is that of a document, with what the first scan came to, if that has been.
func entry(id int64, first ...int64) Entry {
	return Entry{ID: bsonvalue.Int(id).Raw(), Stored: 7, First: first}
}

// What follows from a scan follows from the scan alone. Seen to fail when the second scan was not compared with the
// first.
func TestWhatFollowsFromAScan(t *testing.T) {
	for name, c := range map[string]struct {
		place Place
		wrong []recount.Document
		want  Finding
	}{
		"a first scan without a difference is followed by the next slice": {
			Place{Slices: 2, Begun: true, Ended: true, Source: 3, Scanned: 5, Entries: Entries{entry(1)}}, nil,
			Finding{Next: Place{Slices: 2, Slice: 1}},
		},
		"after the last slice the round is complete, and the next one begins with one": {
			Place{Slices: 2, Slice: 1, Begun: true, Entries: Entries{entry(1)}}, nil, Finding{Next: Place{Slices: 1},
				Complete: true},
		},
		"what differs in a first scan is counted once more": {
			Place{Slices: 2, Begun: true, Ended: true, Scanned: 5, Entries: Entries{entry(1), entry(2)}},
			[]recount.Document{wrong(2, 3)},
			Finding{Next: Place{Slices: 2, Begun: true, Second: true, Entries: Entries{entry(2, 3)}}},
		},
		"what differs in both scans in the same way has drifted": {
			Place{Slices: 1, Begun: true, Second: true, Entries: Entries{entry(1, 4), entry(2, 3)}},
			[]recount.Document{wrong(2, 3)},
			Finding{
				Drifted: [][]Drifted{{{wrong(2, 3), entry(2, 3)}}}, Found: 1, Next: Place{Slices: 1}, Complete: true,
			},
		},
		"what differs in both scans in another way is left for the next round": {
			Place{Slices: 2, Begun: true, Second: true, Entries: Entries{entry(1, 4)}}, []recount.Document{wrong(1, 5)},
			Finding{Unsure: 1, Next: Place{Slices: 2, Slice: 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			scan := Scan{Place: c.place, Wrong: [][]recount.Document{c.wrong}}
			if c.want.Drifted == nil {
				c.want.Drifted = [][]Drifted{nil}
			}
			same := cmp.Comparer(func(a, b bson.RawValue) bool { return a.Equal(b) })
			for range 2 { // it changes nothing that it was given
				if diff := cmp.Diff(c.want, scan.Conclude(), same,
					cmp.Comparer(func(a, b bsonvalue.Value) bool { return a == b })); diff != "" {
					t.Errorf("what follows (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestNoScanHasNoFinding(t *testing.T) {
	if f := (Scan{}).Conclude(); f.Found != 0 || f.Unsure != 0 || f.Complete || len(f.Drifted) > 0 {
		t.Errorf("it found %+v", f)
	}
}
