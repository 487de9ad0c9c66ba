package backgroundcountverification

import (
	"testing"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/recount/round"
	"ucorefs.io/maintenance/pkg/report"
)

// drift are the facts of a run whose second scan found a document of three to have drifted, and another one to have
// changed meanwhile.
func drift() facts {
	document := func(id, want int64) recount.Document {
		return recount.Document{ID: bsonvalue.Int(id), Counters: []recount.Counter{{Field: "n", Stored: bsonvalue.Int(9),
			Want: want}}}
	}
	entry := func(id, first int64) round.Entry {
		return round.Entry{ID: bsonvalue.Int(id).Raw(), First: []int64{first}}
	}
	return facts{
		collections: make([]recount.Collection, 1),
		scan: round.Scan{
			Place: round.Place{Slices: 4, Slice: 2, Begun: true, Second: true, Scanned: 30, Ended: true,
				Entries: round.Entries{entry(1, 5), entry(2, 5), entry(3, 5)}},
			Wrong: [][]recount.Document{{document(1, 5), document(2, 6)}},
		},
		place: round.Place{Slices: 4, Slice: 3}, unsure: 2, files: 20, documents: 40,
	}
}

// The plan is a function of the facts: no server is asked. Seen to fail when what another scan found was not counted as
// unsure.
func TestThePlanFollowsFromTheFactsAlone(t *testing.T) {
	for range 2 {
		p := decide(drift(), jobspec.Options{})
		if len(p.drifted[0]) != 1 || p.drifted[0][0].ID != bsonvalue.Int(1) || p.found != 1 || p.unsure != 3 {
			t.Errorf("the plan corrects %v, and leaves %d", p.drifted, p.unsure)
		}
		shown := present(p)
		if shown.Counts["driftFound"] != 1 || shown.Counts["filesScanned"] != 20 || shown.Counts["coveragePercent"] != 75 {
			t.Errorf("counts %v", shown.Counts)
		}
		if v := shown.Verdict; v == nil || v.Outcome != report.Paused || v.Reason != "" {
			t.Errorf("the verdict is %+v", v)
		}
	}
}

func TestAnIncompletePlanSaysWhyItPauses(t *testing.T) {
	spent, complete := drift(), drift()
	spent.spent, complete.complete = true, true
	if v := present(decide(spent, jobspec.Options{})).Verdict; v == nil || v.Reason != report.ReasonTimeBudgetSpent {
		t.Errorf("without time, the verdict is %+v", v)
	}
	if p := decide(complete, jobspec.Options{}); present(p).Verdict != nil || p.coverage != 100 {
		t.Errorf("of a complete round, the verdict is %+v, with %d %%", present(p).Verdict, p.coverage)
	}
}

// What is not written for want of time is found again at the end of the scan that found it.
func TestWhatIsNotWrittenIsFoundAgain(t *testing.T) {
	f := drift()
	f.complete = true
	p := decide(f, jobspec.Options{})
	if none := p.without(nil); !none.complete || none.place.Slice != 3 {
		t.Errorf("with nothing left, the round is %v at %+v", none.complete, none.place)
	}
	late := p.without(round.Entries{p.drifted[0][0].Entry})
	if late.complete || !late.spent || !late.place.Second || late.place.Slice != 2 || len(late.place.Entries) != 1 ||
		late.coverage != 75 {
		t.Errorf("with one left, the round is %v at %+v, %d %%", late.complete, late.place, late.coverage)
	}
}
