package recount_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/recount"
)

// declared has a counter of each kind.
const declared = `library: declared
collections: {boxes: boxes, things: things}
references:
  - {from: things.box, to: boxes, counts: box}
  - {from: "things.boxes[]", to: boxes, counts: box}
  - {from: boxes.in, to: boxes, counts: in}
counters:
  - {field: boxes.count, count: [things.box, "things.boxes[]"]}
  - {field: boxes.boxes, count: boxes.in}
  - {field: boxes.marked, count: things.box, of: {marked: true}}
  - {field: boxes.weight, sum: things.weight, by: things.box}
  - {field: boxes.all, sum: things.weight, by: things.box, below: boxes.in}
  - {field: boxes.length, length: "boxes.list[]"}
  - {field: boxes.found, matching: boxes.query, in: things, where: {smart: true}}
`

func counters(t *testing.T) recount.Counters {
	t.Helper()
	l, err := library.Read("declared.yaml", []byte(declared))
	if err != nil {
		t.Fatal(err)
	}
	return recount.Of(l)
}

func decimal(t *testing.T, s string) bson.Decimal128 {
	t.Helper()
	d, err := bson.ParseDecimal128(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Each is what a counter of the box "b" should be.
func TestWhatACounterCounts(t *testing.T) {
	type docs = map[string][]bson.D
	id := bson.NewObjectID()
	box := func(fields ...bson.E) []bson.D { return []bson.D{append(bson.D{{Key: "_id", Value: "b"}}, fields...)} }
	weights := func(weights ...any) docs {
		all := docs{"boxes": box()}
		for i, w := range weights {
			all["things"] = append(all["things"], bson.D{{Key: "_id", Value: i}, {Key: "box", Value: "b"}, {Key: "weight", Value: w}})
		}
		return all
	}
	for name, c := range map[string]struct {
		field string
		docs  docs
		want  int64
	}{
		"a thing counts once for a list that holds the box twice": {"count", docs{"boxes": box(), "things": {{{Key: "boxes", Value: bson.A{"b", "x", "b"}}}}}, 1},
		"a thing counts twice for two fields":                     {"count", docs{"boxes": box(), "things": {{{Key: "boxes", Value: bson.A{"b"}}, {Key: "box", Value: "b"}}}}, 2},
		"a list where one id belongs counts for nothing":          {"count", docs{"boxes": box(), "things": {{{Key: "box", Value: bson.A{"b"}}}}}, 0},
		"one id where a list belongs counts for nothing":          {"count", docs{"boxes": box(), "things": {{{Key: "boxes", Value: "b"}}}}, 0},
		"the hex text of an id is another id":                     {"count", docs{"boxes": {{{Key: "_id", Value: id}}}, "things": {{{Key: "box", Value: id.Hex()}}}}, 0},
		"what is not marked does not count":                       {"marked", docs{"boxes": box(), "things": {{{Key: "box", Value: "b"}}, {{Key: "box", Value: "b"}, {Key: "marked", Value: true}}}}, 1},
		"a box that is in itself counts itself":                   {"boxes", docs{"boxes": box(bson.E{Key: "in", Value: "b"})}, 1},
		"a box counts what is read before it":                     {"boxes", docs{"boxes": append([]bson.D{{{Key: "_id", Value: "a"}, {Key: "in", Value: "b"}}}, box()...)}, 1},
		"weights of all types add up, with fractions cut off":     {"weight", weights(int32(1), int64(2), 3.9, decimal(t, "4.9"), decimal(t, "5E1"), 0.5), 60},
		"what is no number above zero weighs nothing":             {"weight", weights(int32(-1), -2.5, "9", nil, true, math.NaN(), math.Inf(1), decimal(t, "NaN"), decimal(t, "-Infinity"), decimal(t, "1E-6176"), decimal(t, "0E6000")), 0},
		"a sum stays at the greatest number":                      {"weight", weights(int64(math.MaxInt64), int64(math.MaxInt64), int32(5)), math.MaxInt64},
		"a weight beyond every int64 is the greatest number":      {"weight", weights(1e300), math.MaxInt64},
		"so is such a decimal":                                    {"weight", weights(decimal(t, "9E18"), decimal(t, "9.3E18"), decimal(t, "1E6111")), math.MaxInt64},
		"a sum below stays at the greatest number":                {"all", docs{"boxes": append(box(), bson.D{{Key: "_id", Value: "a"}, {Key: "in", Value: "b"}}), "things": {{{Key: "box", Value: "a"}, {Key: "weight", Value: int64(math.MaxInt64)}}, {{Key: "box", Value: "b"}, {Key: "weight", Value: 1}}}}, math.MaxInt64},
		"a list counts each element, also twice or null":          {"length", docs{"boxes": box(bson.E{Key: "list", Value: bson.A{"x", "x", nil}})}, 3},
		"what is no list has no length":                           {"length", docs{"boxes": box(bson.E{Key: "list", Value: bson.D{{Key: "0", Value: "x"}}})}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range c.docs["boxes"] {
				c.docs["boxes"][i] = append(c.docs["boxes"][i], bson.E{Key: c.field, Value: "wrong"})
			}
			boxes := differing(counters(t), librarytest.Raw(c.docs), nil)["boxes"]
			at := slices.IndexFunc(boxes, func(d recount.Document) bool { return d.ID.String() != `"a"` })
			if got := wants(boxes[at])[c.field]; got != c.want {
				t.Errorf("%s of %s is %d, should be %d", c.field, boxes[at].ID, got, c.want)
			}
		})
	}
}

func TestCodeInAQueryIsNotSent(t *testing.T) {
	where := bson.E{Key: "$where", Value: "true"}
	for name, c := range map[string]struct {
		query any
		says  string // empty: it may be sent
	}{
		"an empty query":          {bson.D{}, ""},
		"a field named like it":   {bson.D{{Key: "where", Value: "$where"}}, ""},
		"$where":                  {bson.D{where}, "$where, which runs code"},
		"$where in an $or":        {bson.D{{Key: "$or", Value: bson.A{bson.D{{Key: "a", Value: 1}}, bson.D{where}}}}, "$where, which runs code"},
		"$function in an $expr":   {bson.D{{Key: "$expr", Value: bson.D{{Key: "$eq", Value: bson.A{1, bson.D{{Key: "$function", Value: bson.D{}}}}}}}}, "$function, which runs code"},
		"$accumulator in a field": {bson.D{{Key: "a", Value: bson.D{{Key: "$accumulator", Value: bson.D{}}}}}, "$accumulator, which runs code"},
		"null":                    {nil, "boxes.query holds no query"},
		"a list":                  {bson.A{bson.D{}}, "is not a document"},
		"a text":                  {"{}", "is not a document"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := bson.D{{Key: "_id", Value: "b"}, {Key: "smart", Value: true}, {Key: "query", Value: c.query}}
			q := met(t, doc).Queries()[0]
			if !strings.Contains(q.Problem, strings.TrimPrefix(c.says, "boxes.")) || (q.Problem == "") != (c.says == "") || (q.Filter == nil) == (c.says == "") {
				t.Errorf("the problem of %v is %q", q.Filter, q.Problem)
			}
		})
	}
}

func TestOneQueryIsCountedOnceForAllThatStoreIt(t *testing.T) {
	var docs []bson.D
	for _, id := range strings.Split("a b c d e f g", " ") {
		docs = append(docs, bson.D{{Key: "_id", Value: id}, {Key: "smart", Value: true}, {Key: "query", Value: bson.D{{Key: "n", Value: 1}}}})
	}
	tally := met(t, append(docs, bson.D{{Key: "_id", Value: "h"}, {Key: "query", Value: bson.D{{Key: "n", Value: 2}}}})...)
	if len(tally.Queries()) != 1 {
		t.Fatalf("there are %d queries", len(tally.Queries()))
	}
	q := tally.Queries()[0]
	if tally.Answer(q, 7); tally.Totals(0).Of(q.Places[3].ID, q.Places[3].Counter) != 7 {
		t.Error("the answer did not reach every document")
	}
	const want = `boxes.found was left alone in "a", "b", "c", "d", "e", 2 more: why`
	if got := q.Warning("why"); got != want {
		t.Errorf("the warning is %q, want %q", got, want)
	}
	tally.LeaveAlone(q)
	for _, d := range tally.Totals(0).Differing() {
		if _, compared := wants(d)["found"]; compared {
			t.Errorf("%s was compared, though nobody can count it", d.ID)
		}
	}
}

// met is a tally that met some boxes.
func met(t *testing.T, boxes ...bson.D) *recount.Tally {
	t.Helper()
	c := counters(t)
	tally := c.NewTally()
	for _, doc := range librarytest.Raw(map[string][]bson.D{"boxes": boxes})["boxes"] {
		meet(c, tally, 0, doc)
	}
	return tally
}

func TestCollectionsThatAreOnlyCountedAreReadLast(t *testing.T) {
	l, _ := library.Named(library.UCoreFSName)
	var order []string
	for _, step := range recount.Of(l).Steps() {
		order = append(order, step.Collection+"("+strings.Join(step.Fields, " ")+")")
	}
	want := []string{
		"tags(file_count)", "albums(file_count file_ids is_smart smart_query)", "annotation_jobs(total_files annotated_count)",
		"directory_records(child_count file_count total_size parent_id)", "file_records(tag_ids parent_id size_bytes)",
		"annotation_records(job_id is_annotated)",
	}
	if strings.Join(order, ", ") != strings.Join(want, ", ") {
		t.Errorf("the order is\n%s, want\n%s", strings.Join(order, ", "), strings.Join(want, ", "))
	}
}
