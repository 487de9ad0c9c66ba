package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// counters gives every document its counters, right or drifted. A counter that nobody can know gets a number that must
// stay.
func (g *generator) counters() {
	want := g.o.Layout.Recount(Raw(g.docs))
	for _, c := range g.spec.counters {
		for i, doc := range g.docs[c.collection] {
			numbers := want[c.collection][KeyOf(value(doc, "_id"))]
			for _, field := range c.fields {
				if n, known := numbers[field]; known {
					g.set(c.collection, i, field, g.counter(c.collection, n))
				} else {
					g.set(c.collection, i, field, int32(3))
				}
			}
		}
	}
}

// counter is n as an application may have stored it, or a drifted one. The same number in another type is right.
func (g *generator) counter(collection string, n int64) any {
	if !g.chance(g.o.Drift) {
		if g.o.Dirt > 0 && g.chance(0.3) {
			return g.retype(float64(n))
		}
		return pyInt(n)
	}
	g.planted["drifted counters of "+collection]++
	return pick(g, bson.A{
		absent{}, nil, n + 1 + int64(g.rand.IntN(9)), int32(n%1000 + 1), n - 1 - int64(g.rand.IntN(3)), int64(-1 - n),
		float64(n) + 0.5, "many", bson.A{n},
	})
}
