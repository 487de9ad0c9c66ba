package recount_test

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/scan"
)

const seeds = 200

var everyLayout = append([]librarytest.Layout{librarytest.Shop}, taskstest.Layouts...)

// The recount in librarytest shares no code with this package.
func TestTheDocumentsThatDifferAreThoseOfTheOracle(t *testing.T) {
	for _, l := range everyLayout {
		c := recount.Of(taskstest.Declaration(t, l))
		for seed := range int64(seeds) {
			docs := generated(l, seed)
			want := l.Recount(docs)
			got := differing(c, docs, want)
			for _, v := range l.Check(docs) {
				if n := len(got[v.Collection]); n != v.Total-v.Right {
					t.Errorf("%s seed %d: %d of %s differ, should be %q", l, seed, n, v.Collection, v.Wrong)
				}
			}
			for name, documents := range got {
				for _, d := range documents {
					sameWants(t, fmt.Sprintf("%s seed %d: %s", l, seed, name), d, want[name])
				}
			}
		}
	}
}

// sameWants compares what the counters of a document should be.
func sameWants(t *testing.T, what string, d recount.Document, want map[string]map[string]int64) {
	t.Helper()
	for _, c := range d.Counters {
		if n := want[librarytest.Key(d.ID.Raw())][c.Field]; c.Want != n {
			t.Errorf("%s %s: %s should be %d, not %d", what, d.ID, c.Field, n, c.Want)
		}
	}
}

// Files, bytes and folders below a directory, with cycles, several roots and parents that do not exist.
func TestCountersBelowAreThoseOfTheOracle(t *testing.T) {
	l, err := library.Read("below.yaml", []byte(`library: below
collections: {file_records: files, directory_records: directories}
references:
  - {from: file_records.parent_id, to: directory_records, counts: dir}
  - {from: directory_records.parent_id, to: directory_records, counts: parent}
counters:
  - {field: directory_records.child_count, count: [file_records.parent_id, directory_records.parent_id]}
  - {field: directory_records.file_count, count: file_records.parent_id, below: directory_records.parent_id}
  - field: directory_records.total_size
    sum: file_records.size_bytes
    by: file_records.parent_id
    below: directory_records.parent_id
`))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range int64(seeds) {
		docs := generated(librarytest.UCoreFS, seed)
		want, wrong := librarytest.UCoreFS.RecountRecursive(docs)["directory_records"], 0
		for _, doc := range docs["directory_records"] {
			wrong += min(1, wrongIn(doc, want[librarytest.Key(doc.Lookup("_id"))]))
		}
		got := differing(recount.Of(l), docs, nil)["directory_records"]
		if len(got) != wrong {
			t.Errorf("seed %d: %d directories differ, should be %d", seed, len(got), wrong)
		}
		for _, d := range got {
			sameWants(t, fmt.Sprintf("seed %d: directory", seed), d, want)
		}
	}
}

// wrongIn is how many counters of a document are not what they should be.
func wrongIn(doc bson.Raw, want map[string]int64) (n int) {
	for field, count := range want {
		if librarytest.Key(doc.Lookup(field)) != librarytest.KeyOf(count) {
			n++
		}
	}
	return n
}

// That a count may be left anywhere and taken up again is what a recount in pieces needs.
func TestTalliesOfPartsAddUpToTheWhole(t *testing.T) {
	for _, l := range everyLayout {
		c := recount.Of(taskstest.Declaration(t, l))
		for seed := range int64(50) {
			docs, parts := generated(l, seed), int(seed%3)+2
			whole, sum := countSources(c, docs, 0, 1, nil), (*recount.Tally)(nil)
			for part := range parts {
				sum = countSources(c, docs, part, parts, sum)
			}
			each(c, docs, func(p recount.Place) {
				want, got := sumOf(whole, p), sumOf(sum, p)
				if want != got {
					t.Errorf("%s seed %d in %d parts: %+v is %d, in one %d", l, seed, parts, p, got, want)
				}
			})
		}
	}
}

func TestSharesAddUpToTheWhole(t *testing.T) {
	for _, l := range everyLayout {
		c := recount.Of(taskstest.Declaration(t, l))
		for seed := range int64(50) {
			docs := generated(l, seed)
			whole, sum := countSources(c, docs, 0, 1, nil), c.NewTally()
			each(c, docs, func(p recount.Place) { sum.Expect(p.Collection, p.ID) })
			countByShares(c, docs, sum, int(seed%3)+1)
			each(c, docs, func(p recount.Place) {
				want, got := sumOf(whole, p), sumOf(sum, p)
				if want != got {
					t.Errorf("%s seed %d: %+v is %d, in one %d", l, seed, p, got, want)
				}
			})
		}
	}
}

// countByShares deals the documents of every source to shares in turn, which merge now and then.
func countByShares(c recount.Counters, docs librarytest.Docs, tally *recount.Tally, n int) {
	shares := make([]*recount.Share, n)
	for i := range shares {
		shares[i] = tally.Share()
	}
	for i, s := range c.Sources {
		for at, doc := range docs[s.Collection] {
			share := shares[at%n]
			if share.Add(i, s.Clone().Read(doc)); at%5 == 0 {
				share.Merge()
			}
		}
	}
	for _, share := range shares {
		share.Merge()
	}
}

func sumOf(t *recount.Tally, p recount.Place) int64 {
	return t.Totals(p.Collection).Sums(p.ID)[p.Counter]
}

// generated is a library that no server need be able to store.
func generated(l librarytest.Layout, seed int64) librarytest.Docs {
	o := librarytest.TinyOptions(seed)
	o.Layout, o.MongoDBOnly = l, true
	return librarytest.GenerateWith(seed, o).Raw()
}

// differing reads docs as a task does. A query is answered by what the oracle says of the first document that stores
// it.
func differing(c recount.Counters, docs librarytest.Docs, answers librarytest.Counters) map[string][]recount.Document {
	tally := c.NewTally()
	for i := range c.Collections {
		tally.Open(i)
	}
	for _, step := range c.Steps() {
		for _, doc := range docs[step.Collection] {
			if step.Target != recount.None {
				meet(c, tally, step.Target, doc)
			}
			if step.Source != recount.None {
				tally.Add(step.Source, step.Read(doc))
			}
		}
		if step.Target != recount.None {
			tally.Close(step.Target)
		}
	}
	for _, q := range tally.Queries() {
		first := q.Places[0]
		of := c.Collections[first.Collection]
		field := of.Counters[first.Counter].Field.Name
		n, ok := answers[of.Name][librarytest.Key(first.ID.Raw())][field]
		if !ok && q.Problem == "" {
			q.Problem = "the oracle has no answer"
		}
		tally.Answer(q, n)
	}
	all := map[string][]recount.Document{}
	for i, of := range c.Collections {
		all[of.Name] = tally.Totals(i).Differing()
	}
	return all
}

func meet(c recount.Counters, tally *recount.Tally, target int, doc bson.Raw) {
	row := c.Collections[target].Read(doc)
	id := bsonvalue.Of(row[scan.ID])
	if c.Collections[target].Nests() {
		tally.Nest(target, id, row)
	}
	tally.Meet(target, id, row)
}

// countSources counts one part of the documents of every source, on top of what another tally has.
func countSources(c recount.Counters, docs librarytest.Docs, part, parts int, before *recount.Tally) *recount.Tally {
	tally := c.NewTally()
	each(c, docs, func(p recount.Place) {
		tally.Expect(p.Collection, p.ID)
		if before != nil {
			tally.Continue(p.Collection, p.ID, before.Totals(p.Collection).Sums(p.ID))
		}
	})
	for i, s := range c.Sources {
		all := docs[s.Collection]
		for _, doc := range all[len(all)*part/parts : len(all)*(part+1)/parts] {
			tally.Add(i, s.Read(doc))
		}
	}
	return tally
}

func each(c recount.Counters, docs librarytest.Docs, do func(recount.Place)) {
	for i, of := range c.Collections {
		for _, doc := range docs[of.Name] {
			for counter := range of.Counters {
				do(recount.Place{Collection: i, Counter: counter, ID: bsonvalue.Reference(doc, "_id")})
			}
		}
	}
}

func wants(d recount.Document) map[string]int64 {
	want := map[string]int64{}
	for _, c := range d.Counters {
		want[c.Field] = c.Want
	}
	return want
}
