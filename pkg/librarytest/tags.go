package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// tags makes a forest of tags with nested-set fields; the parents of some do not exist.
func (g *generator) tags() {
	m, paths := g.m.Tags, []string{}
	for i := range g.o.Tags {
		id, parent, name := g.newID(), any(nil), g.name(fmt.Sprintf("Tag %02d", i))
		full := name
		if i > 0 && g.chance(0.6) {
			up := g.rand.IntN(i)
			parent, full = g.refer(g.tagIDs[up]), paths[up]+"/"+name
		}
		if g.dirty("dangling parent_id of tags") {
			parent = g.dangling(g.tagIDs)
		}
		g.add(m.Collection, bson.D{
			{Key: "_id", Value: id}, {Key: m.Name, Value: name}, {Key: m.FullPath, Value: full}, {Key: m.Parent, Value: parent},
			{Key: "lft", Value: int32(2*i + 1)}, {Key: "rgt", Value: int32(2*i + 2)}, {Key: "depth", Value: int32(0)},
			{Key: "synonym_ids", Value: bson.A{}}, {Key: "antonym_ids", Value: bson.A{}},
		})
		g.tagIDs, paths = append(g.tagIDs, id), append(paths, full)
	}
}
