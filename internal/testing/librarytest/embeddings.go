package librarytest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// otherProviders and the dimension of their vectors.
var otherProviders = []struct {
	name      string
	dimension int
}{{"mobilenet", 32}, {"blip", 16}, {"thumb", 8}}

// ucorefsEmbeddings gives each of the first files a clip vector, and every fourth one of another provider too.
func (g *generator) ucorefsEmbeddings() {
	for i := range min(g.o.Embeddings, len(g.ids[fileRecords])) {
		held := g.ucorefsEmbedding(i, nil, "clip", g.o.ClipDimension)
		if i%4 == 3 {
			p := pick(g, otherProviders)
			held = g.ucorefsEmbedding(i, held, p.name, p.dimension)
		}
		if held != nil {
			g.set(fileRecords, i, "embeddings", held)
			g.set(fileRecords, i, "has_vector", true)
		}
	}
}

// ucorefsEmbedding gives the file at i a vector of one provider: in its record, in a record of the vector's own, or in
// both, the same or another one. It returns what the file record holds. Only a vector that is in one place is flawed.
func (g *generator) ucorefsEmbedding(i int, held bson.D, provider string, dimension int) bson.D {
	switch g.rand.IntN(5) {
	case 0:
		return append(held, g.embedded(provider, dimension, g.vector(dimension)))
	case 1:
		g.embeddingRecord(i, provider, dimension, g.vector(dimension))
		return held
	case 2:
		g.embeddingRecord(i, provider, dimension, g.vector(dimension))
		return append(held, g.embedded(provider, dimension, absent{}))
	case 3:
		same := g.unit(dimension)
		g.embeddingRecord(i, provider, dimension, same)
		return append(held, g.embedded(provider, dimension, same))
	}
	g.embeddingRecord(i, provider, dimension, g.unit(dimension))
	return append(held, g.embedded(provider, dimension, g.unit(dimension)))
}

// embedded is a provider's entry in a file record.
func (g *generator) embedded(provider string, dimension int, vector any) bson.E {
	return bson.E{Key: provider, Value: document(
		"model", "ViT-B/32", "dimension", int32(dimension), "created_at", isoText(g.past(30)), "vector", vector,
	)}
}

func (g *generator) embeddingRecord(i int, provider string, dimension int, vector any) {
	g.add(embeddingRecords, document(
		"_id", g.newID(), "_cls", "EmbeddingRecord", "file_id", g.fileOf(i, "embeddings of files that do not exist"),
		"provider", provider, "model_version", "", "vector", vector, "dimension", int32(dimension),
		"created_at", nil, "updated_at", nil,
	))
}

// fileOf is a reference to the file at i, at times a dangling one.
func (g *generator) fileOf(i int, what string) any {
	if g.dirty(what) {
		return g.dangling()
	}
	return g.refer(g.ids[fileRecords][i])
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
	switch g.rand.IntN(6) {
	case 0:
		return v[:len(v)-1]
	case 1:
		return append(v, 0.5)
	case 2:
		v[at] = "0.1"
		return v
	case 3:
		return bson.A{}
	case 4:
		return zero(dimension)
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

func zero(dimension int) bson.A {
	v := make(bson.A, dimension)
	for i := range v {
		v[i] = 0.0
	}
	return v
}
