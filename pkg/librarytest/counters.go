package librarytest

import (
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// counters gives every tag, album and directory its counters, right or drifted. Albums that nobody can count get one that must
// stay.
func (g *generator) counters() {
	want := Recount(Raw(g.docs))
	for _, kind := range []string{g.m.Tags.Collection, g.m.Albums.Collection, g.m.Directories.Collection} {
		for i, doc := range g.docs[kind] {
			counters := want[kind][keyOf(value(doc, "_id"))]
			if counters == nil {
				doc = append(doc, bson.E{Key: g.m.Albums.FileCount, Value: int32(3)})
			}
			for _, name := range slices.Sorted(maps.Keys(counters)) {
				doc = field(doc, name, g.counter(kind, counters[name]))
			}
			g.docs[kind][i] = doc
		}
	}
}

// counter is n as an application may have stored it, or a drifted one. The same number in another type is right.
func (g *generator) counter(kind string, n int64) any {
	if !g.chance(g.o.Drift) {
		if g.o.Dirt > 0 && g.chance(0.3) {
			return g.retype(float64(n))
		}
		return n
	}
	g.planted["drifted counters of "+kind]++
	return pick(g, bson.A{
		absent{}, nil, n + 1 + int64(g.rand.IntN(9)), int32(n%1000 + 1), n - 1 - int64(g.rand.IntN(3)), int64(-1 - n),
		float64(n) + 0.5, "many", bson.A{n},
	})
}
