package librarytest

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// query is a smart album's query. The invalid ones are no documents; with MongoDBOnly also one whose operator no server
// knows.
func (g *generator) query() any {
	if g.dirty("smart albums with an invalid query") {
		return pick(g, g.invalidQueries())
	}
	plain := g.plainQueries()
	if g.o.MongoDBOnly {
		plain = append(plain, g.operatorQueries()...)
	}
	return pick(g, plain)
}

func (g *generator) plainQueries() bson.A {
	kind := pick(g, extensions)
	queries := bson.A{
		bson.D{{Key: "extension", Value: g.extension(kind.extension)}},
		bson.D{{Key: "name", Value: "IMG_00001." + kind.extension}},
		bson.D{{Key: "rating", Value: g.retype(float64(g.rand.IntN(6)))}},
		bson.D{{Key: "rating", Value: nil}},
		bson.D{{Key: "rating", Value: int32(99)}},
		bson.D{},
	}
	if g.o.Layout == UCoreFS && len(g.ids[tags]) > 0 {
		tag := bson.E{Key: "tag_ids", Value: pick(g, g.ids[tags])}
		queries = append(queries, bson.D{tag, {Key: "has_thumbnail", Value: true}})
	}
	return queries
}

// extension is a file's extension as the layout has it.
func (g *generator) extension(e string) string {
	if g.o.Layout == Web {
		return "." + e
	}
	return e
}

func (g *generator) invalidQueries() bson.A {
	invalid := bson.A{"not a query", int32(7), bson.A{"extension", "jpg"}, nil}
	if g.o.MongoDBOnly {
		invalid = append(invalid, bson.D{{Key: "rating", Value: bson.D{{Key: "$nope", Value: 1}}}})
	}
	return invalid
}

func (g *generator) operatorQueries() bson.A {
	old := bson.NewDateTimeFromTime(g.o.Now.Add(-time.Duration(g.rand.IntN(1000)) * 24 * time.Hour))
	return bson.A{
		bson.D{{Key: "rating", Value: bson.D{{Key: "$gte", Value: int32(g.rand.IntN(6))}}}},
		bson.D{{Key: "modified_at", Value: bson.D{{Key: "$lt", Value: old}}}},
		bson.D{{Key: "extension", Value: bson.D{{Key: "$in", Value: bson.A{g.extension("jpg"), g.extension("mov")}}}}},
		bson.D{{Key: "name", Value: bson.D{{Key: "$regex", Value: `\.jpg$`}}}},
		bson.D{{Key: "name", Value: bson.Regex{Pattern: `^img_0000[0-4]`, Options: "i"}}},
	}
}
