package databaseoptimization

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

// options are the defaults, with a threshold in MiB.
func options(threshold float64, primary bool) jobspec.Options {
	o := jobspec.Defaults()
	o.CompactThresholdMB, o.CompactPrimary = threshold, primary
	return o
}

// Seen to fail when a primary was compacted like any other server.
func TestACollectionIsCompactedOnlyWhereThatReturnsEnoughAndHurtsNobody(t *testing.T) {
	known := func(bytes int64) *admin.Space { return &admin.Space{Bytes: 1 << 40, Reusable: bytes, Known: true} }
	for name, c := range map[string]struct {
		space   *admin.Space
		hurts   bool
		options jobspec.Options
		compact bool
		warning string
	}{
		"enough would come back":                    {known(64 << 20), false, options(64, false), true, ""},
		"a byte less than the threshold":            {known(64<<20 - 1), false, options(64, false), false, ""},
		"nothing would come back, and no threshold": {known(0), false, options(0, false), false, ""},
		"the server does not say": {
			&admin.Space{Bytes: 1 << 40}, false, options(0, false), false, "does not say"},
		"the server refused to say": {nil, false, options(0, false), false, ""},
		"a primary, although much would come back": {
			known(1 << 30), true, options(64, false), false, "allow it here with --compact-primary"},
		"a primary on which little would come back":       {known(1), true, options(64, false), false, ""},
		"a primary on which compaction was allowed":       {known(1 << 30), true, options(64, true), true, ""},
		"a primary on which it was, but little came back": {known(1), true, options(64, true), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			place := placeFacts{Place: admin.Place{Hurts: c.hurts}}
			if c.space != nil {
				place.spaces = []space{{"files", *c.space}}
			}
			f := facts{places: []placeFacts{place}, collections: []collectionFacts{{name: "files"}}}
			p := decide(f, c.options)
			if got := len(p.compactions) == 1; got != c.compact {
				t.Errorf("compact: %v", p.compactions)
			}
			if got := strings.Join(p.warnings, "\n"); !strings.Contains(got, c.warning) || (got == "") != (c.warning == "") {
				t.Errorf("the warnings are %q, want %q", got, c.warning)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	by := func(name string, keys ...admin.IndexKey) admin.Index {
		return admin.Index{Name: name, Keys: keys}
	}
	up := func(field string) admin.IndexKey { return admin.IndexKey{Field: field, Order: "1"} }
	down := admin.IndexKey{Field: "a", Order: "-1"}
	id := by("_id_", up("_id"))
	a := library.Index{Fields: []string{"a"}}
	ab := library.Index{Fields: []string{"a", "b"}}
	unique := library.Index{Fields: []string{"a"}, Unique: true}
	wants := func(list ...library.Index) []library.Index { return list }
	has := func(list ...admin.Index) []admin.Index { return list }
	alone := func(index admin.Index) admin.Index { index.Unique = true; return index }
	special := func(index admin.Index, options ...string) admin.Index {
		index.Options = options
		return index
	}
	for name, c := range map[string]struct {
		want []library.Index
		have []admin.Index
		then comparison
	}{
		"there is nothing but the ids":            {wants(a), has(id), comparison{missing: wants(a)}},
		"it is there":                             {wants(a), has(id, by("a_1", up("a"))), comparison{}},
		"it is there by another name":             {wants(a), has(by("mine", up("a"))), comparison{}},
		"it is there, and unique":                 {wants(a), has(alone(by("a_1", up("a")))), comparison{}},
		"it is there and unique, as it should be": {wants(unique), has(alone(by("a_1", up("a")))), comparison{}},
		"one over more fields is another": {wants(a), has(by("a_1_b_1", up("a"), up("b"))),
			comparison{missing: wants(a), extra: []string{"a_1_b_1"}}},
		"the order of the fields matters": {wants(ab), has(by("b_1_a_1", up("b"), up("a"))),
			comparison{missing: wants(ab), extra: []string{"b_1_a_1"}}},
		"a descending one is another": {wants(a), has(by("a_-1", down)),
			comparison{missing: wants(a), extra: []string{"a_-1"}}},
		"its name is taken": {wants(a), has(by("a_1", up("b"))),
			comparison{conflicting: []string{"a_1 should be over a, but the server has a_1 over b"}}},
		"its name is taken, but it is there": {wants(a), has(by("a_1", down), by("mine", up("a"))), comparison{}},
		"it is not unique and should be": {wants(unique), has(by("a_1", up("a"))),
			comparison{conflicting: []string{"a_1 should be over a, unique, but the server has a_1 over a"}}},
		"it is sparse, and so not of all": {wants(a), has(special(by("x", up("a")), "sparse: true")),
			comparison{conflicting: []string{"a_1 should be over a, but the server has x over a, sparse: true"}}},
		"one of text is taken for what it is": {
			wants(a), has(special(by("a_1", admin.IndexKey{Field: "_fts", Order: "text"}), "weights: {}")),
			comparison{conflicting: []string{"a_1 should be over a, but the server has a_1 over _fts (text), weights: {}"}}},
		"an extra one does not hide a missing": {wants(a, ab), has(id, by("c_1", up("c")), by("a_1", up("a"))),
			comparison{missing: wants(ab), extra: []string{"c_1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.then, compare(c.want, c.have), cmp.AllowUnexported(comparison{})); diff != "" {
				t.Errorf("compare() (-want +got):\n%s", diff)
			}
		})
	}
}

// provided is what a provider p has whose files have these vectors.
func provided(declared int, vectors ...[]float64) *providerFacts {
	lib := library.Library{Vectors: &library.Vectors{Dimensions: map[string]int{"p": declared}}}
	reader := newVectorReader(lib, &bsonvalue.IDSet{})
	v := vectorFacts{lib: lib, drafts: maxDrafts, providers: map[string]*providerFacts{}}
	for _, vector := range vectors {
		file := bson.NewObjectID()
		reader.files.Add(bsonvalue.ObjectID(file))
		doc := marshal(bson.D{{Key: "provider", Value: "p"}, {Key: "file", Value: file}, {Key: "vector", Value: vector}})
		source := library.VectorSource{File: "file", Provider: "provider", Vector: "vector"}
		_ = reader.read(source, doc, func(e embedding) error { v.add(e); return nil })
	}
	return v.provider("p")
}

func decideVectors(f *providerFacts) plan {
	return decide(facts{vectors: &vectorFacts{providers: map[string]*providerFacts{"p": f}}}, jobspec.Defaults())
}

// Seen to fail when a NaN was let through.
func TestVectorsThatNoIndexCanHoldAreCountedAndLeftOut(t *testing.T) {
	nan, infinite := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		facts              *providerFacts
		dimension, vectors int
		warnings           []string
	}{
		"the declared length counts, however many have another": {
			provided(2, []float64{1, 2}, []float64{1}, []float64{1}, []float64{1, 2, 3}), 2, 1, []string{
				"2 vectors of p have 1 numbers, the declaration says 2: write vectors.dimensions.p: 1",
				"1 vectors of p have 3 numbers, the declaration says 2: the application must compute them again"}},
		"no vector has the declared length": {
			provided(512, []float64{1, 2}, []float64{3, 4}), 0, 0,
			[]string{"2 vectors of p have 2 numbers, the declaration says 512: write vectors.dimensions.p: 2"}},
		"where none is declared the most frequent counts": {
			provided(0, []float64{1, 2}, []float64{1}, []float64{1}), 1, 2,
			[]string{"1 vectors of p have 2 numbers, most have 1: the application must compute them again"}},
		"of two that are as frequent the shorter": {
			provided(0, []float64{1, 2}, []float64{1}), 1, 1,
			[]string{"1 vectors of p have 2 numbers, most have 1: the application must compute them again"}},
		"no number, no direction": {
			provided(2, []float64{1, nan}, []float64{infinite, 1}, []float64{0, 0}, []float64{0, 1}), 2, 1,
			[]string{"p: 1 vectors of length zero were left out", "p: 2 vectors with a NaN or an infinity were left out"}},
		"none that could be used": {
			provided(2, []float64{nan, 1}), 0, 0, []string{"p: 1 vectors with a NaN or an infinity were left out"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := decideVectors(c.facts)
			got := rebuild{}
			if len(p.rebuilds) > 0 {
				got = p.rebuilds[0]
			}
			if got.dimension != c.dimension || int(got.vectors) != c.vectors {
				t.Errorf("%d vectors of dimension %d, want %d of %d", got.vectors, got.dimension, c.vectors, c.dimension)
			}
			if diff := cmp.Diff(c.warnings, p.warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnIndexIsWrittenOnlyWhereThereIsNoneThatIsRight(t *testing.T) {
	content := &faiss.Content{}
	file := faiss.ObjectID{1}
	content.Add(file, []float32{0.6, 0.8})
	same := faiss.Sidecar{Dimension: 2, Count: 1, Content: content.Sum()}
	holding := func(unit ...float32) *providerFacts {
		f := provided(2)
		f.lengths[2] = &collected{}
		f.lengths[2].add(file, unit)
		return f
	}
	for name, c := range map[string]struct {
		present presentIndex
		facts   *providerFacts
		write   bool
	}{
		"there is none":                {presentIndex{}, holding(0.6, 0.8), true},
		"it is right":                  {presentIndex{exists: true, sidecar: same}, holding(0.6, 0.8), false},
		"it has another vector":        {presentIndex{exists: true, sidecar: same}, holding(0.8, 0.6), true},
		"it is damaged":                {presentIndex{exists: true, damaged: "it ends too early"}, holding(0.6, 0.8), true},
		"there is none, and no vector": {presentIndex{}, provided(2), false},
		"there would be nothing in it": {presentIndex{exists: true, sidecar: same}, provided(2), false},
	} {
		t.Run(name, func(t *testing.T) {
			c.facts.present = c.present
			if p := decideVectors(c.facts); (len(p.rebuilds) == 1) != c.write {
				t.Errorf("write: %v, warnings: %v", p.rebuilds, p.warnings)
			}
		})
	}
}
