package vectors

import (
	"io/fs"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
)

// provided is what a provider p has whose files have these vectors.
func provided(declared int, vectors ...[]float64) *provider {
	reader := newReader([]library.VectorSource{{File: "file", Provider: "provider", Vector: "vector"}}, &bsonvalue.IDSet{})
	f := Facts{dimensions: map[string]int{"p": declared}, drafts: maxDrafts, providers: map[string]*provider{}}
	for _, vector := range vectors {
		file := bson.NewObjectID()
		reader.files.Add(bsonvalue.ObjectID(file))
		doc := marshal(bson.D{{Key: "provider", Value: "p"}, {Key: "file", Value: file}, {Key: "vector", Value: vector}})
		_ = reader.read(reader.sources[0], doc, func(e embedding) error { f.add(e); return nil })
	}
	p := f.provider("p")
	p.unusable = fs.ErrNotExist
	return p
}

func planFor(p *provider) Plan {
	f := Facts{Doubt: "a test", providers: map[string]*provider{"p": p}}
	return f.Plan()
}

// Seen to fail when a NaN was let through.
func TestVectorsThatNoIndexCanHoldAreCountedAndLeftOut(t *testing.T) {
	nan, infinite := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		facts              *provider
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
			p := planFor(c.facts)
			got := Rebuild{}
			if len(p.Rebuilds) > 0 {
				got = p.Rebuilds[0]
			}
			if got.Dimension != c.dimension || int(got.Vectors) != c.vectors {
				t.Errorf("%d vectors of dimension %d, want %d of %d", got.Vectors, got.Dimension, c.vectors, c.dimension)
			}
			if diff := cmp.Diff(c.warnings, p.Warnings); diff != "" {
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
	holding := func(unit ...float32) *provider {
		p := provided(2)
		p.drafts[2] = &faiss.Draft{}
		p.drafts[2].Add(file, unit)
		return p
	}
	for name, c := range map[string]struct {
		unusable error
		facts    *provider
		write    bool
	}{
		"there is none":                {fs.ErrNotExist, holding(0.6, 0.8), true},
		"it is right":                  {nil, holding(0.6, 0.8), false},
		"it has another vector":        {nil, holding(0.8, 0.6), true},
		"it is damaged":                {&faiss.DamagedError{What: "it ends too early"}, holding(0.6, 0.8), true},
		"there is none, and no vector": {fs.ErrNotExist, provided(2), false},
		"there would be nothing in it": {nil, provided(2), false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.facts.unusable = c.unusable; c.unusable == nil {
				c.facts.present = same
			}
			if p := planFor(c.facts); (len(p.Rebuilds) == 1) != c.write {
				t.Errorf("write: %v, warnings: %v", p.Rebuilds, p.Warnings)
			}
		})
	}
}
