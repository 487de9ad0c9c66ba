package recount_test

import (
	"math"
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

// doc is a document of name, value, name, value ...
func doc(pairs ...any) bson.D {
	d := bson.D{}
	for i := 0; i < len(pairs); i += 2 {
		d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return d
}

// weights are things of these weights in the box "b".
func weights(weights ...any) (things []bson.D) {
	for i, w := range weights {
		things = append(things, doc("_id", i, "box", "b", "weight", w))
	}
	return things
}

// Each is what a counter of the first box should be.
func TestWhatACounterCounts(t *testing.T) {
	id, most := bson.NewObjectID(), int64(math.MaxInt64)
	a, b := doc("_id", "a", "in", "b"), []bson.D{doc("_id", "b")}
	for name, c := range map[string]struct {
		field         string
		boxes, things []bson.D
		want          int64
	}{
		"a thing counts once for a list that holds the box twice": {
			"count", b, []bson.D{doc("boxes", bson.A{"b", "x", "b"})}, 1},
		"a thing counts twice for two fields": {
			"count", b, []bson.D{doc("boxes", bson.A{"b"}, "box", "b")}, 2},
		"a list where one id belongs counts for nothing": {
			"count", b, []bson.D{doc("box", bson.A{"b"})}, 0},
		"one id where a list belongs counts for nothing": {
			"count", b, []bson.D{doc("boxes", "b")}, 0},
		"the hex text of an id is another id": {
			"count", []bson.D{doc("_id", id)}, []bson.D{doc("box", id.Hex())}, 0},
		"what is not marked does not count": {
			"marked", b, []bson.D{doc("box", "b"), doc("box", "b", "marked", true)}, 1},
		"a box that is in itself counts itself": {
			"boxes", []bson.D{doc("_id", "b", "in", "b")}, nil, 1},
		"a box counts what is read after it": {
			"boxes", append(b, a), nil, 1},
		"weights of all types add up, with fractions cut off": {
			"weight", b, weights(int32(1), int64(2), 3.9, decimal(t, "4.9"), decimal(t, "5E1"), 0.5), 60},
		"what is no number above zero weighs nothing": {
			"weight", b, weights(int32(-1), -2.5, "9", nil, true, math.NaN(), math.Inf(1)), 0},
		"nor does such a decimal": {
			"weight", b, weights(decimal(t, "NaN"), decimal(t, "-Infinity"), decimal(t, "1E-6176"), decimal(t, "0E6000")), 0},
		"a sum stays at the greatest number": {
			"weight", b, weights(most, most, int32(5)), most},
		"a weight beyond every int64 is the greatest number": {
			"weight", b, weights(1e300), most},
		"so is such a decimal": {
			"weight", b, weights(decimal(t, "9.3E18")), most},
		"so is a decimal with a thousand digits": {
			"weight", b, weights(decimal(t, "1E6111")), most},
		"a sum below stays at the greatest number": {
			"all", append(b, a), []bson.D{doc("box", "a", "weight", most), doc("box", "b", "weight", 1)}, most},
		"a list counts each element, also twice or null": {
			"length", []bson.D{doc("_id", "b", "list", bson.A{"x", "x", nil})}, nil, 3},
		"what is no list has no length": {
			"length", []bson.D{doc("_id", "b", "list", doc("0", "x"))}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			first := append(doc(c.field, "wrong"), c.boxes[0]...)
			docs := map[string][]bson.D{"boxes": append([]bson.D{first}, c.boxes[1:]...), "things": c.things}
			for _, d := range differing(counters(t), librarytest.Raw(docs), nil)["boxes"] {
				if got := wants(d)[c.field]; d.ID.String() != `"a"` && got != c.want {
					t.Errorf("%s of %s is %d, should be %d", c.field, d.ID, got, c.want)
				}
			}
		})
	}
}

func TestCodeInAQueryIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		query any
		says  string // empty: it may be sent
	}{
		"an empty query":        {doc(), ""},
		"a field named like it": {doc("where", "$where"), ""},
		"$where":                {doc("$where", "true"), "$where, which runs code"},
		"$where in an $or":      {doc("$or", bson.A{doc("a", 1), doc("$where", "true")}), "$where, which runs code"},
		"$function in an $expr": {
			doc("$expr", doc("$eq", bson.A{1, doc("$function", doc())})), "$function, which runs code"},
		"$accumulator in a field": {doc("a", doc("$accumulator", doc())), "$accumulator, which runs code"},
		"null":                    {nil, "query holds no query"},
		"a list":                  {bson.A{bson.D{}}, "is not a document"},
		"a text":                  {"{}", "is not a document"},
	} {
		t.Run(name, func(t *testing.T) {
			q := met(t, doc("_id", "b", "smart", true, "query", c.query)).Queries()[0]
			sent := q.Problem == "" && q.Filter != nil
			if sent != (c.says == "") || !strings.Contains(q.Problem, c.says) {
				t.Errorf("the problem of %v is %q", q.Filter, q.Problem)
			}
		})
	}
}

func TestOneQueryIsCountedOnceForAllThatStoreIt(t *testing.T) {
	var docs []bson.D
	for _, id := range strings.Split("a b c d e f g", " ") {
		docs = append(docs, doc("_id", id, "smart", true, "query", doc("n", 1)))
	}
	tally := met(t, append(docs, doc("_id", "h", "query", doc("n", 2)))...)
	if len(tally.Queries()) != 1 {
		t.Fatalf("there are %d queries", len(tally.Queries()))
	}
	q := tally.Queries()[0]
	if tally.Answer(q, 7); sumOf(tally, q.Places[3]) != 7 {
		t.Error("the answer did not reach every document")
	}
	const want = `boxes.found was left alone in "a", "b", "c", "d", "e" and 2 more: why`
	q.Problem = "why"
	if got := q.Warning(); got != want {
		t.Errorf("the warning is %q, want %q", got, want)
	}
	tally.Answer(q, 0)
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
	for _, box := range librarytest.Raw(map[string][]bson.D{"boxes": boxes})["boxes"] {
		meet(c, tally, 0, box)
	}
	return tally
}

func TestCollectionsThatAreOnlyCountedAreReadLast(t *testing.T) {
	l, _ := library.Named(library.UCoreFSName)
	var order []string
	for _, step := range recount.Of(l).Steps() {
		order = append(order, step.Collection+"("+strings.Join(step.Names(), " ")+")")
	}
	want := []string{
		"tags(_id file_count)", "albums(_id file_count file_ids is_smart smart_query)",
		"annotation_jobs(_id total_files annotated_count)",
		"directory_records(_id child_count parent_id file_count total_size)",
		"file_records(_id tag_ids parent_id size_bytes)",
		"annotation_records(_id job_id is_annotated)",
	}
	if strings.Join(order, ", ") != strings.Join(want, ", ") {
		t.Errorf("the order is\n%s, want\n%s", strings.Join(order, ", "), strings.Join(want, ", "))
	}
}
