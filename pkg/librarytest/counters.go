package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// counters gives every tag, album and directory its counters, right or drifted.
func (g *generator) counters() {
	want := Recount(g.m, g.docs)
	for _, c := range want.Counters {
		docs := g.docs[c.Collection]
		docs[c.Index] = field(docs[c.Index], c.Field, g.counter(c.Want))
	}
	g.unjudged(want.Unjudged)
}

// unjudged albums keep the counter that they have.
func (g *generator) unjudged(places []Place) {
	for _, p := range places {
		docs := g.docs[p.Collection]
		docs[p.Index] = append(docs[p.Index], bson.E{Key: g.m.Albums.FileCount, Value: int32(3)})
	}
}

// counter is n as an application may have stored it, or a drifted one. The same number in another type is right.
func (g *generator) counter(n int64) any {
	if !g.chance(g.o.Drift) {
		if g.o.Dirt > 0 && g.chance(0.3) {
			return g.retype(float64(n))
		}
		return n
	}
	g.planted["drifted counters"]++
	return pick(g, bson.A{
		absent{}, nil, n + 1 + int64(g.rand.IntN(9)), int32(n%1000 + 1), n - 1 - int64(g.rand.IntN(3)), int64(-1 - n),
		float64(n) + 0.5, "many", bson.A{n},
	})
}
