package librarytest

import (
	"fmt"
	"path"

	"go.mongodb.org/mongo-driver/v2/bson"
)

var rootNames = []string{"photos", "videos", "archive", "scans"}

// directories makes the roots, trees below them, and then bends some parents.
func (g *generator) directories() {
	for i := range g.o.Roots {
		g.root(i)
	}
	for i := range g.o.Directories {
		g.directory(i)
	}
	g.bendParents()
}

func (g *generator) root(i int) {
	name := rootNames[i%len(rootNames)]
	if i >= len(rootNames) {
		name = fmt.Sprintf("%s-%d", name, i)
	}
	d := directory{id: g.newID(), path: path.Join(g.o.Prefix, name), rel: name}
	if g.o.Windows && i == 1 {
		d.path, d.rel = "D:/Photos", "drive-d"
	}
	d.root = d.id
	g.roots = append(g.roots, Root{ID: d.id, Path: d.path, Rel: d.rel})
	g.addDirectory(d, name, nil, true)
}

func (g *generator) directory(i int) {
	if len(g.dirs) == 0 {
		return
	}
	up := pick(g, g.dirs)
	name := g.name(fmt.Sprintf("dir %03d", i))
	d := directory{id: g.newID(), root: up.root, path: up.path + "/" + name, rel: up.rel + "/" + name}
	g.addDirectory(d, name, g.refer(up.id), false)
}

func (g *generator) addDirectory(d directory, name string, parent any, isRoot bool) {
	m := g.m.Directories
	doc := bson.D{{Key: "_id", Value: d.id}, {Key: m.Path, Value: d.path}, {Key: m.Name, Value: name}}
	doc = field(doc, m.Parent, parent)
	doc = field(doc, m.Root, g.rootReference(d.root, "directories"))
	g.add(m.Collection, field(doc, m.IsRoot, isRoot))
	g.dirs = append(g.dirs, d)
}

func (g *generator) rootReference(root any, whose string) any {
	if g.dirty("dangling root_id of " + whose) {
		return g.dangling(nil)
	}
	return root
}

// bendParents makes orphans, directories without a parent, and cycles of one to four; a cycle may contain a root.
func (g *generator) bendParents() {
	docs, parent := g.docs[g.m.Directories.Collection], g.m.Directories.Parent
	for i := g.o.Roots; i < len(docs); i++ {
		switch {
		case g.dirty("directories below a parent that does not exist"):
			set(docs[i], parent, g.dangling(nil))
		case g.chance(g.o.Dirt / 4):
			set(docs[i], parent, pick(g, bson.A{nil, ""}))
		}
	}
	if len(docs) == 0 {
		return
	}
	for range 1 + len(docs)/20 {
		if g.chance(3 * g.o.Dirt) {
			g.cycle(docs)
		}
	}
}

func (g *generator) cycle(docs []bson.D) {
	g.planted["cycles of directories"]++
	ring := g.rand.Perm(len(docs))[:min(len(docs), 1+g.rand.IntN(4))]
	for i, at := range ring {
		next := docs[ring[(i+1)%len(ring)]]
		set(docs[at], g.m.Directories.Parent, g.refer(value(next, "_id")))
	}
}

// set replaces the value of a field that doc has.
func set(doc bson.D, name string, v any) {
	for i := range doc {
		if doc[i].Key == name {
			doc[i].Value = v
		}
	}
}

// value is a field's value; a missing field is absent.
func value(doc bson.D, name string) any {
	for _, e := range doc {
		if e.Key == name {
			return e.Value
		}
	}
	return absent{}
}
