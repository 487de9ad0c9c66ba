package librarytest

import (
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// generator holds what has been made so far. Every random choice comes from rand, in a fixed order.
type generator struct {
	rand *rand.Rand
	o    Options
	spec spec
	docs map[string][]bson.D
	ids  map[string][]any // the _id of every document, by collection, in the order of docs

	roots   []Root
	dirs    []directory
	disk    []File
	missing []Gone
	planted map[string]int
	paths   map[string]string // full paths of tags, by the Key of the tag's _id
	made    int               // ids so far; keeps them apart
}

func newRand(seed, stream int64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), uint64(stream)))
}

func newGenerator(seed int64, o Options) *generator {
	return &generator{
		rand: newRand(seed, 2), o: o, spec: o.Layout.spec(),
		docs: map[string][]bson.D{}, ids: map[string][]any{}, planted: map[string]int{},
		paths: map[string]string{},
	}
}

func (g *generator) library() Library {
	return Library{
		Layout: g.o.Layout, Docs: g.docs, Roots: g.roots, Planted: g.planted, Missing: g.missing, files: g.disk,
	}
}

// add adds a document.
func (g *generator) add(collection string, doc bson.D) {
	g.docs[collection] = append(g.docs[collection], doc)
	g.ids[collection] = append(g.ids[collection], value(doc, "_id"))
}

// set sets a field of the document at i.
func (g *generator) set(collection string, i int, name string, v any) {
	g.docs[collection][i] = put(g.docs[collection][i], name, v)
}

// chance is true with probability p.
func (g *generator) chance(p float64) bool { return p > 0 && g.rand.Float64() < p }

// dirty is true where the next thing should be dirty; it counts it as what.
func (g *generator) dirty(what string) bool {
	if !g.chance(g.o.Dirt) {
		return false
	}
	g.planted[what]++
	return true
}

func pick[S ~[]E, E any](g *generator, list S) E { return list[g.rand.IntN(len(list))] }

// pyInt is an integer in the type that the applications' driver stores it in: the shorter one if it fits.
func pyInt(n int64) any {
	if n == int64(int32(n)) {
		return int32(n)
	}
	return n
}
