package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// tag is a tag that was made, before its document is.
type tag struct {
	id, parent any
	name, path string
	depth      int
}

// tags makes a forest of tags; the parents of some do not exist. A layout gives the documents.
func (g *generator) tags(document func(t tag) bson.D) {
	var made []tag
	for i := range g.o.Tags {
		t := tag{id: g.newID(), name: g.name(fmt.Sprintf("Tag %02d", i))}
		t.path = t.name
		if i > 0 && g.chance(0.6) {
			up := pick(g, made)
			t.parent, t.path, t.depth = g.refer(up.id), up.path+"/"+t.name, up.depth+1
		}
		if g.dirty("dangling parent_id of tags") {
			t.parent = g.dangling()
		}
		made, g.paths[KeyOf(t.id)] = append(made, t), t.path
		g.add(tags, document(t))
	}
}

func (g *generator) ucorefsTag(t tag) bson.D {
	return document(
		"_id", t.id, "_cls", "Tag", "name", t.name, "full_path", t.path, "parent_id", t.parent, "lft", int32(0),
		"rgt", int32(1), "depth", int32(t.depth), "file_count", int32(0), "synonym_ids", nil, "antonym_ids", nil, "color", "",
	)
}

// synonyms gives some tags synonyms and antonyms.
func (g *generator) synonyms() {
	for i := range g.docs[tags] {
		for _, list := range []string{"synonym_ids", "antonym_ids"} {
			if g.chance(0.3) {
				g.set(tags, i, list, g.references(tags, 2, list))
			}
		}
	}
}
