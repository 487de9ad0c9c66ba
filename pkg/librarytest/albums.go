package librarytest

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// albums makes manual and smart albums; what the manual ones hold is filled in by albumFiles.
func (g *generator) albums() {
	for i := range g.o.Albums {
		g.album(fmt.Sprintf("Album %02d", i), false)
	}
	for i := range g.o.SmartAlbums {
		g.album(fmt.Sprintf("Smart %02d", i), true)
	}
}

func (g *generator) album(name string, smart bool) {
	m, id := g.m.Albums, g.newID()
	doc := bson.D{{Key: "_id", Value: id}, {Key: m.Name, Value: g.name(name)}, {Key: m.Parent, Value: g.albumParent()}}
	switch {
	case smart:
		doc = append(doc, bson.E{Key: m.IsSmart, Value: true}, bson.E{Key: m.Query, Value: g.query()})
	case !g.dirty("manual albums without is_smart"):
		doc = append(doc, bson.E{Key: m.IsSmart, Value: false})
	}
	g.add(m.Collection, doc)
	g.albumIDs = append(g.albumIDs, id)
}

func (g *generator) albumParent() any {
	if g.dirty("dangling parent_id of albums") {
		return g.dangling(g.albumIDs)
	}
	if len(g.albumIDs) == 0 || g.chance(0.7) {
		return nil
	}
	return g.refer(pick(g, g.albumIDs))
}

// query is a smart album's query. The invalid ones are no documents; with Operators also one whose operator no server knows.
func (g *generator) query() any {
	if g.dirty("smart albums with an invalid query") {
		return pick(g, g.invalidQueries())
	}
	kind := pick(g, extensions)
	plain := bson.A{
		bson.D{{Key: fieldExtension, Value: kind.extension}},
		bson.D{{Key: fieldFileType, Value: kind.kind}, {Key: fieldRating, Value: g.retype(float64(g.rand.IntN(6)))}},
		bson.D{{Key: g.m.Files.HasThumbnail, Value: true}},
		bson.D{{Key: fieldRating, Value: int32(99)}},
		bson.D{},
	}
	if g.o.MongoDBOnly {
		plain = append(plain, g.operatorQueries()...)
	}
	return pick(g, plain)
}

func (g *generator) invalidQueries() bson.A {
	invalid := bson.A{"not a query", int32(7), bson.A{"extension", "jpg"}, nil}
	if g.o.MongoDBOnly {
		invalid = append(invalid, bson.D{{Key: fieldRating, Value: bson.D{{Key: "$nope", Value: 1}}}})
	}
	return invalid
}

func (g *generator) operatorQueries() bson.A {
	old := bson.NewDateTimeFromTime(g.o.Now.Add(-time.Duration(g.rand.IntN(1000)) * 24 * time.Hour))
	return bson.A{
		bson.D{{Key: fieldRating, Value: bson.D{{Key: "$gte", Value: int32(g.rand.IntN(6))}}}},
		bson.D{{Key: g.m.Files.ModifiedAt, Value: bson.D{{Key: "$lt", Value: old}}}},
		bson.D{{Key: fieldExtension, Value: bson.D{{Key: "$in", Value: bson.A{"jpg", "mov"}}}}},
		bson.D{{Key: g.m.Files.Name, Value: bson.D{{Key: "$regex", Value: `\.jpg$`}}}},
		bson.D{{Key: g.m.Files.Name, Value: bson.Regex{Pattern: `^img_0000[0-4]`, Options: "i"}}},
	}
}

// albumFiles gives each album its file_ids and its cover. Some smart albums hold file_ids too, which count for nothing.
func (g *generator) albumFiles() {
	m, ids := g.m.Albums, make([]any, len(g.files))
	for i, f := range g.files {
		ids[i] = f.id
	}
	for i, doc := range g.docs[m.Collection] {
		if value(doc, m.IsSmart) != true || g.chance(g.o.Dirt) {
			doc = field(doc, m.Files, g.references(ids, 4+g.o.Files/10, m.Files))
		}
		g.docs[m.Collection][i] = append(doc, bson.E{Key: m.Cover, Value: g.reference(ids, m.Cover)})
	}
}
