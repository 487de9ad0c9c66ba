package recount_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
)

// things refer to boxes that are there, and to some that are not.
func portionThings() (things []bson.D) {
	for i := range 60 {
		things = append(things, doc("_id", i, "box", string(rune('a'+i%7)), "boxes", bson.A{"a", "b", i}, "weight", i*1000,
			"marked", i%2 == 0))
	}
	return things
}

// tallied is the sums of the boxes where count counts the things.
func tallied(t *testing.T, count func(c recount.Counters, tally *recount.Tally, source int)) [][]int64 {
	t.Helper()
	c := counters(t)
	tally := c.NewTally()
	boxes := slices.IndexFunc(c.Collections, func(of recount.Collection) bool { return of.Name == "boxes" })
	for _, id := range []string{"a", "b", "c"} {
		row := c.Collections[boxes].Read(raw(t, doc("_id", id)))
		tally.Nest(boxes, bsonvalue.Of(row[0]), row)
		tally.Meet(boxes, bsonvalue.Of(row[0]), row)
	}
	count(c, tally, slices.IndexFunc(c.Sources, func(s recount.Source) bool { return s.Collection == "things" }))
	totals := tally.Totals(boxes)
	var sums [][]int64
	for _, id := range []string{"a", "b", "c", "d"} {
		value, _ := bson.Raw(raw(t, doc("_id", id))).LookupErr("_id")
		sums = append(sums, totals.Sums(bsonvalue.Of(value)))
	}
	return sums
}

func raw(t *testing.T, d bson.D) bson.Raw {
	t.Helper()
	b, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPortionsAddUpToATally(t *testing.T) {
	want := tallied(t, func(c recount.Counters, tally *recount.Tally, source int) {
		for _, thing := range portionThings() {
			tally.Add(source, c.Sources[source].Read(raw(t, thing)))
		}
	})
	for name, most := range map[string]int{"one chunk a portion": 1 << 20, "many chunks a portion": 20} {
		t.Run(name, func(t *testing.T) {
			got := tallied(t, func(c recount.Counters, tally *recount.Tally, source int) {
				for some := range slices.Chunk(portionThings(), 17) {
					portion := c.NewPortion()
					for _, thing := range some {
						portion.Add(source, c.Sources[source].Read(raw(t, thing)))
					}
					if err := portion.Encode(most, tally.Absorb); err != nil {
						t.Fatal(err)
					}
				}
			})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-tally +portions:\n%s", diff)
			}
		})
	}
}

func TestAChunkThatIsNotWholeIsRefused(t *testing.T) {
	c := counters(t)
	portion := c.NewPortion()
	for _, thing := range portionThings()[:1] {
		source := slices.IndexFunc(c.Sources, func(s recount.Source) bool { return s.Collection == "things" })
		portion.Add(source, c.Sources[source].Read(raw(t, thing)))
	}
	err := portion.Encode(1<<20, func(chunk []byte) error { return c.NewTally().Absorb(chunk[:len(chunk)-1]) })
	if !errors.Is(err, bsonvalue.ErrTruncated) {
		t.Errorf("got %v", err)
	}
}
