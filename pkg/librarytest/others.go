package librarytest

import (
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// providers and the dimension of their vectors.
var providers = []struct {
	name      string
	dimension int
}{{"clip", 512}, {"mobilenet", 32}, {"blip", 16}, {"thumb", 8}}

// embeddings makes vectors for the first files, clip's for each of them in the demo; some of files that are gone.
func (g *generator) embeddings() {
	m := g.m.Embeddings
	for i := range g.o.Embeddings {
		if len(g.files) == 0 {
			return
		}
		p, file := providers[0], g.refer(g.files[i%len(g.files)].id)
		if g.o.Embeddings < 100 {
			p = pick(g, providers)
		} else if i%4 == 3 {
			p = providers[1+i/4%3]
		}
		if g.dirty("embeddings of files that do not exist") {
			file = g.dangling([]any{file})
		}
		doc := bson.D{{Key: "_id", Value: g.newID()}, {Key: m.Provider, Value: p.name}, {Key: m.File, Value: file}}
		g.add(m.Collection, field(doc, m.Vector, g.vector(p.dimension)))
	}
}

// vector is a normal vector, or one that no index can hold.
func (g *generator) vector(dimension int) any {
	v := g.unit(dimension)
	if !g.dirty("vectors that no index can hold") {
		return v
	}
	switch g.rand.IntN(6) {
	case 0:
		return v[:len(v)-1]
	case 1:
		return append(v, 0.5)
	case 2:
		v[g.rand.IntN(len(v))] = math.NaN()
		return v
	case 3:
		v[0] = "0.1"
		return v
	case 4:
		return bson.A{}
	}
	return pick(g, bson.A{nil, absent{}, "none"})
}

// unit is a vector of length 1 whose components are float32s, as the application stores them.
func (g *generator) unit(dimension int) bson.A {
	raw, sum := make([]float64, dimension), 0.0
	for i := range raw {
		raw[i] = g.rand.NormFloat64()
		sum += raw[i] * raw[i]
	}
	v := make(bson.A, dimension)
	for i, x := range raw {
		v[i] = float64(float32(x / math.Sqrt(sum)))
	}
	return v
}

func (g *generator) taskRecords() {
	m := g.m.Tasks
	for range g.o.Tasks {
		doc := bson.D{{Key: "_id", Value: g.newID()}}
		doc = field(doc, m.Status, g.status())
		g.add(m.Collection, field(doc, m.CreatedAt, g.time(60)))
	}
}

func (g *generator) status() any {
	if g.dirty("task records of an unknown status") {
		return pick(g, bson.A{"cancelled", "Completed", nil, absent{}, int32(2)})
	}
	return pick(g, bson.A{"pending", "running", "completed", "failed"})
}

func (g *generator) journalEntries() {
	m := g.m.Journal
	for range g.o.Journal {
		g.add(m.Collection, field(bson.D{{Key: "_id", Value: g.newID()}}, m.Timestamp, g.time(180)))
	}
}

// time is a moment of the last days, as Unix seconds of any type, milliseconds or a date; or no time at all.
func (g *generator) time(days int) any {
	at := g.o.Now.Add(-time.Duration(g.rand.Int64N(int64(days) * int64(24*time.Hour))))
	if g.dirty("times that are none") {
		return pick(g, bson.A{nil, absent{}, at.Format(time.RFC3339), int64(0), int64(-5), g.o.Now.Add(time.Hour).Unix()})
	}
	forms := bson.A{at.Unix(), int32(at.Unix()), float64(at.UnixMilli()) / 1000, at.UnixMilli(), float64(at.UnixMilli()), bson.NewDateTimeFromTime(at)}
	if g.o.Dirt == 0 {
		return forms[0]
	}
	return pick(g, forms)
}

// activity is one heartbeat of an application that has been idle for a day.
func (g *generator) activity() {
	if g.o.Files == 0 {
		return
	}
	m := g.m.Activity
	g.add(m.Collection, bson.D{{Key: "_id", Value: "uexplorer"}, {Key: m.LastActivity, Value: bson.NewDateTimeFromTime(g.o.Now.Add(-24 * time.Hour))}})
}
