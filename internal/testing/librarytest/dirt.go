package librarytest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// reference is a reference to a document of a collection, or null if there is none; at times a dangling one.
func (g *generator) reference(to, what string) any {
	if g.dirty("dangling " + what) {
		return g.dangling()
	}
	if len(g.ids[to]) == 0 {
		return nil
	}
	return g.refer(pick(g, g.ids[to]))
}

// optional is a reference that most documents do not have: null with probability p.
func (g *generator) optional(to, what string, p float64) any {
	if g.chance(p) {
		return nil
	}
	return g.reference(to, what)
}

// references are up to most references to documents of a collection, or what stands in the place of an array; an id
// twice and dangling ones included.
func (g *generator) references(to string, most int, what string) any {
	if g.dirty(what + " that are no array") {
		return g.noArray(to)
	}
	list := bson.A{}
	for range g.rand.IntN(most + 1) {
		switch {
		case g.dirty(what + " with a null in it"):
			list = append(list, nil)
		case len(g.ids[to]) > 0 || g.o.Dirt > 0 && g.chance(0.2):
			list = append(list, g.reference(to, what))
		}
		if len(list) > 0 && g.dirty(what+" with an id twice") {
			list = append(list, pick(g, list))
		}
	}
	return list
}

func (g *generator) noArray(to string) any {
	switch g.rand.IntN(4) {
	case 0:
		return nil
	case 1:
		return "none"
	case 2:
		if len(g.ids[to]) > 0 {
			return pick(g, g.ids[to]) // the bare id, which MongoDB's equality would match and which counts for nothing
		}
	}
	return absent{}
}

// bytes is the size of a file on disk.
func (g *generator) bytes() int64 { return int64(g.rand.IntN(4096)) }

// size is a size in bytes as an integer or a double, or what stands in its place.
func (g *generator) size(n int64) any {
	if !g.dirty("sizes of another type than an integer") {
		return pyInt(n)
	}
	odd := bson.A{
		n, float64(n), float64(n) + 0.75, int64(5 << 32), 3e10, absent{}, nil,
		int64(-1), int32(-7), -2.5, "12 KB", true, 0.0,
	}
	if g.o.MongoDBOnly {
		odd = append(odd, math.NaN(), math.Inf(1), math.Inf(-1))
	}
	return pick(g, odd)
}

func (g *generator) rating() any {
	n := g.rand.IntN(6)
	if g.dirty("ratings of another type than int32") {
		return pick(g, bson.A{int64(n), float64(n), absent{}, nil})
	}
	return int32(n)
}
