package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// albums makes manual and smart albums. A layout gives the documents.
func (g *generator) albums(document func(name string, smart any, query any) bson.D) {
	for i := range g.o.Albums {
		smart := any(false)
		if g.dirty("albums whose is_smart is missing or no boolean") {
			smart = pick(g, bson.A{absent{}, nil, int32(1), "true"})
		}
		g.add(albums, document(g.name(fmt.Sprintf("Album %02d", i)), smart, absent{}))
	}
	for i := range g.o.SmartAlbums {
		g.add(albums, document(g.name(fmt.Sprintf("Smart %02d", i)), true, g.query()))
	}
}

func (g *generator) ucorefsAlbum(name string, smart, query any) bson.D {
	if _, manual := query.(absent); manual {
		query = bson.D{}
	}
	return document(
		"_id", g.newID(), "_cls", "Album", "name", name, "description", "",
		"parent_id", g.optional(albums, "parent_id of albums", 0.7), "cover_id", nil, "is_smart", smart,
		"smart_query", query, "file_ids", nil, "file_count", int32(0),
	)
}

// albumFiles gives each manual album its file_ids, and some albums a cover. Some smart albums hold file_ids too, which
// count for nothing.
func (g *generator) albumFiles() {
	for i, album := range g.docs[albums] {
		if value(album, "is_smart") != true && !g.chance(0.2) || g.chance(g.o.Dirt) {
			g.set(albums, i, "file_ids", g.references(fileRecords, 4+g.o.Files/10, "file_ids"))
		}
		g.set(albums, i, "cover_id", g.optional(fileRecords, "cover_id", 0.5))
	}
}

// mirrorAlbums gives each file its album_ids: those of the albums that list it, or drifted ones.
func (g *generator) mirrorAlbums() {
	for _, m := range g.spec.mirrors {
		wanted := m.wanted(Raw(map[string][]bson.D{m.of: g.docs[m.of]})[m.of])
		for i, id := range g.ids[m.collection] {
			if list := wanted[KeyOf(id)]; len(list) > 0 {
				g.set(m.collection, i, m.field, arrayOf(list))
			}
			if g.chance(g.o.Drift/2) || g.chance(g.o.Dirt) {
				g.planted["album_ids that do not mirror the albums"]++
				g.set(m.collection, i, m.field, g.references(m.of, 2, m.field))
			}
		}
	}
}
