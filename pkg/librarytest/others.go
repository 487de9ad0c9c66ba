package librarytest

import (
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// otherProviders and the dimension of their vectors.
var otherProviders = []struct {
	name      string
	dimension int
}{{"mobilenet", 32}, {"blip", 16}, {"thumb", 8}}

// embeddings makes a clip vector for each of the first files, and one of another provider for every fourth.
func (g *generator) embeddings() {
	for i := range min(g.o.Embeddings, len(g.files)) {
		g.embedding(g.files[i].id, "clip", g.o.ClipDimension)
		if i%4 == 3 {
			p := pick(g, otherProviders)
			g.embedding(g.files[i].id, p.name, p.dimension)
		}
	}
}

func (g *generator) embedding(id any, provider string, dimension int) {
	m, file := g.m.Embeddings, g.refer(id)
	if g.dirty("embeddings of files that do not exist") {
		file = g.dangling([]any{id})
	}
	doc := bson.D{{Key: "_id", Value: g.newID()}, {Key: m.Provider, Value: provider}, {Key: m.File, Value: file}}
	g.add(m.Collection, field(doc, m.Vector, g.vector(dimension)))
}

// vector is a normal vector, or one that no index can hold.
func (g *generator) vector(dimension int) any {
	v := g.unit(dimension)
	if !g.dirty("vectors that no index can hold") {
		return v
	}
	at := g.rand.IntN(len(v))
	if g.o.MongoDBOnly && g.chance(0.3) {
		v[at] = pick(g, bson.A{math.NaN(), math.Inf(1)})
		return v
	}
	switch g.rand.IntN(5) {
	case 0:
		return v[:len(v)-1]
	case 1:
		return append(v, 0.5)
	case 2:
		v[at] = "0.1"
		return v
	case 3:
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
