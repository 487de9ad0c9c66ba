package databaseoptimization

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// options are the defaults, with a threshold in MiB.
func options(threshold float64, primary bool) jobspec.Options {
	o := jobspec.Defaults()
	o.CompactThresholdMB, o.CompactPrimary = threshold, primary
	return o
}

// Seen to fail when a primary was compacted like any other server.
func TestACollectionIsCompactedOnlyWhereThatReturnsEnoughAndHurtsNobody(t *testing.T) {
	known := func(bytes int64) *mongodb.Space { return &mongodb.Space{Bytes: 1 << 40, Reusable: bytes, Known: true} }
	for name, c := range map[string]struct {
		space   *mongodb.Space
		hurts   bool
		options jobspec.Options
		compact bool
		warning string
	}{
		"enough would come back":                          {known(64 << 20), false, options(64, false), true, ""},
		"a byte less than the threshold":                  {known(64<<20 - 1), false, options(64, false), false, ""},
		"nothing would come back, and no threshold":       {known(0), false, options(0, false), false, ""},
		"the server does not say":                         {&mongodb.Space{Bytes: 1 << 40}, false, options(0, false), false, "does not say"},
		"the server refused to say":                       {nil, false, options(0, false), false, ""},
		"a primary, although much would come back":        {known(1 << 30), true, options(64, false), false, "or allow it here with --compact-primary"},
		"a primary on which little would come back":       {known(1), true, options(64, false), false, ""},
		"a primary on which compaction was allowed":       {known(1 << 30), true, options(64, true), true, ""},
		"a primary on which it was, but little came back": {known(1), true, options(64, true), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := decide(facts{compactionHurts: c.hurts, collections: []collectionFacts{{name: "files", space: c.space}}}, c.options)
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
	by := func(name string, keys ...mongodb.IndexKey) mongodb.Index {
		return mongodb.Index{Name: name, Keys: keys}
	}
	up := func(field string) mongodb.IndexKey { return mongodb.IndexKey{Field: field, Order: "1"} }
	down := mongodb.IndexKey{Field: "a", Order: "-1"}
	id := by("_id_", up("_id"))
	a := library.Index{Fields: []string{"a"}}
	ab := library.Index{Fields: []string{"a", "b"}}
	unique := library.Index{Fields: []string{"a"}, Unique: true}
	special := func(index mongodb.Index, options ...string) mongodb.Index { index.Options = options; return index }
	for name, c := range map[string]struct {
		want []library.Index
		have []mongodb.Index
		then comparison
	}{
		"there is nothing but the ids":         {[]library.Index{a}, []mongodb.Index{id}, comparison{missing: []library.Index{a}}},
		"it is there":                          {[]library.Index{a}, []mongodb.Index{id, by("a_1", up("a"))}, comparison{}},
		"it is there by another name":          {[]library.Index{a}, []mongodb.Index{by("mine", up("a"))}, comparison{}},
		"one over more fields is another":      {[]library.Index{a}, []mongodb.Index{by("a_1_b_1", up("a"), up("b"))}, comparison{missing: []library.Index{a}, extra: []string{"a_1_b_1"}}},
		"the order of the fields matters":      {[]library.Index{ab}, []mongodb.Index{by("b_1_a_1", up("b"), up("a"))}, comparison{missing: []library.Index{ab}, extra: []string{"b_1_a_1"}}},
		"a descending one is another":          {[]library.Index{a}, []mongodb.Index{by("a_-1", down)}, comparison{missing: []library.Index{a}, extra: []string{"a_-1"}}},
		"its name is taken":                    {[]library.Index{a}, []mongodb.Index{by("a_1", up("b"))}, comparison{conflicting: []string{"a_1 should be over a, but the server has a_1 over b"}}},
		"its name is taken, but it is there":   {[]library.Index{a}, []mongodb.Index{by("a_1", down), by("mine", up("a"))}, comparison{}},
		"it is not unique and should be":       {[]library.Index{unique}, []mongodb.Index{by("a_1", up("a"))}, comparison{conflicting: []string{"a_1 should be over a, unique, but the server has a_1 over a"}}},
		"it is sparse, and so not of all":      {[]library.Index{a}, []mongodb.Index{special(by("x", up("a")), "sparse: true")}, comparison{conflicting: []string{"a_1 should be over a, but the server has x over a, sparse: true"}}},
		"one of text is taken for what it is":  {[]library.Index{a}, []mongodb.Index{special(by("a_1", mongodb.IndexKey{Field: "_fts", Order: "text"}), "weights: {}")}, comparison{conflicting: []string{"a_1 should be over a, but the server has a_1 over _fts (text), weights: {}"}}},
		"an extra one does not hide a missing": {[]library.Index{a, ab}, []mongodb.Index{id, by("c_1", up("c")), by("a_1", up("a"))}, comparison{missing: []library.Index{ab}, extra: []string{"c_1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.then, compare(c.want, c.have), cmp.AllowUnexported(comparison{})); diff != "" {
				t.Errorf("compare() (-want +got):\n%s", diff)
			}
		})
	}
}

// provided is what a provider has whose embeddings are these vectors.
func provided(declared int, vectors ...[]float64) *providerFacts {
	v := vectorFacts{providers: map[string]*providerFacts{}}
	env := tasks.Env{Model: library.Model{Embeddings: library.EmbeddingCollection{Dimensions: map[string]int{"p": declared}}}}
	for _, vector := range vectors {
		v.add(env, embedding{provider: "p", vector: vector})
	}
	if len(vectors) == 0 {
		return v.provider(env, "p")
	}
	return v.providers["p"]
}

// Seen to fail when a NaN was let through.
func TestVectorsThatNoIndexCanHoldAreCountedAndLeftOut(t *testing.T) {
	nan, infinite := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		facts              *providerFacts
		dimension, vectors int
		warnings           []string
	}{
		"the declared dimension counts, however many have another": {
			provided(2, []float64{1, 2}, []float64{1}, []float64{1}, []float64{1, 2, 3}), 2, 1, []string{"p: 3 embeddings of another dimension than 2 were left out"}},
		"without one the most frequent counts": {
			provided(0, []float64{1, 2}, []float64{1}, []float64{1}), 1, 2, []string{"p: 1 embeddings of another dimension than 1 were left out"}},
		"of two that are as frequent the smaller": {
			provided(0, []float64{1, 2}, []float64{1}), 1, 1, []string{"p: 1 embeddings of another dimension than 1 were left out"}},
		"no number, no direction": {
			provided(2, []float64{1, nan}, []float64{infinite, 1}, []float64{0, 0}, []float64{0, 1}), 2, 1,
			[]string{"p: 1 embeddings whose vector is of length zero were left out", "p: 2 embeddings whose vector is with a NaN or an infinity were left out"}},
		"none that could be used": {provided(2, []float64{nan, 1}), 0, 0, []string{"p: 1 embeddings whose vector is with a NaN or an infinity were left out"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := decide(facts{vectors: &vectorFacts{providers: map[string]*providerFacts{"p": c.facts}}}, jobspec.Defaults())
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
	vector := []float64{3, 4}
	same := faiss.Sidecar{Dimension: 2, Count: 1, Content: provided(2, vector).dimensions[2].content.Sum()}
	for name, c := range map[string]struct {
		present presentIndex
		facts   *providerFacts
		write   bool
	}{
		"there is none":                       {presentIndex{}, provided(2, vector), true},
		"it is right":                         {presentIndex{exists: true, sidecar: same}, provided(2, vector), false},
		"a vector at another length is equal": {presentIndex{exists: true, sidecar: same}, provided(2, []float64{6, 8}), false},
		"it has another vector":               {presentIndex{exists: true, sidecar: same}, provided(2, []float64{4, 3}), true},
		"it is damaged":                       {presentIndex{exists: true, damaged: "it ends too early"}, provided(2, vector), true},
		"there is none, and no vector":        {presentIndex{}, provided(2), false},
		"there would be nothing in it":        {presentIndex{exists: true, sidecar: same}, provided(2), false},
	} {
		t.Run(name, func(t *testing.T) {
			c.facts.present = c.present
			p := decide(facts{vectors: &vectorFacts{providers: map[string]*providerFacts{"p": c.facts}}}, jobspec.Defaults())
			if got := len(p.rebuilds) == 1; got != c.write {
				t.Errorf("write: %v, warnings: %v", p.rebuilds, p.warnings)
			}
		})
	}
}

func TestEmbeddingsAreReadAsTheyAreAndNotAsTheyShouldBe(t *testing.T) {
	file := bson.NewObjectID()
	var files mongodb.IDSet
	files.Add(mongodb.ObjectID(file))
	doc := func(provider, file, vector any) bson.D {
		return bson.D{{Key: "provider", Value: provider}, {Key: "file_id", Value: file}, {Key: "vector", Value: vector}}
	}
	for name, c := range map[string]struct {
		doc      bson.D
		provider string
		flaw     flaw
		vector   []float64
	}{
		"all is well":                     {doc("clip", file, bson.A{0.5, int32(2), int64(-3)}), "clip", sound, []float64{0.5, 2, -3}},
		"a NaN is a number":               {doc("clip", file, bson.A{math.Inf(-1)}), "clip", sound, []float64{math.Inf(-1)}},
		"no provider":                     {bson.D{}, "", oddFile, nil},
		"a provider that leads elsewhere": {doc("../clip", file, bson.A{1.0}), "", sound, []float64{1}},
		"a provider that is a number":     {doc(1, file, bson.A{1.0}), "", sound, []float64{1}},
		"a file in hex":                   {doc("clip", file.Hex(), bson.A{1.0}), "clip", oddFile, nil},
		"a file that is gone":             {doc("clip", bson.NewObjectID(), bson.A{1.0}), "clip", noFile, nil},
		"a vector of text":                {doc("clip", file, bson.A{"1"}), "clip", noNumbers, nil},
		"a vector that is no array":       {doc("clip", file, bson.D{{Key: "0", Value: 1.0}}), "clip", noNumbers, nil},
		"a vector of nothing":             {doc("clip", file, bson.A{}), "clip", noNumbers, nil},
		"no vector":                       {doc("clip", file, nil), "clip", noNumbers, nil},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := bson.Marshal(c.doc)
			if err != nil {
				t.Fatal(err)
			}
			reader := &embeddingReader{model: library.UCoreFS().Embeddings, files: &files}
			got := reader.read(raw)
			if got.provider != c.provider || got.flaw != c.flaw || c.vector != nil && !slices.Equal(got.vector, c.vector) {
				t.Errorf("read() = %+v", got)
			}
		})
	}
}
