package librarytest

import (
	"fmt"
	"path"

	"go.mongodb.org/mongo-driver/v2/bson"
)

var rootNames = []string{"photos", "videos", "archive", "scans"}

// directory is a directory that was made: its document's place and where its files lie.
type directory struct {
	id, root any // the _id of the directory and of its root
	parent   any // a reference; nil in a root
	isRoot   bool
	name     string
	path     string // as recorded
	rel      string // on disk
}

// directories makes the roots and the trees below them, and then bends some parents. A layout gives the documents.
func (g *generator) directories(document func(d directory) bson.D) {
	for i := range g.o.Roots {
		g.addDirectory(g.root(i), document)
	}
	for i := range g.o.Directories {
		if len(g.dirs) > 0 {
			g.addDirectory(g.subdirectory(i), document)
		}
	}
	g.bendParents()
}

func (g *generator) addDirectory(d directory, document func(d directory) bson.D) {
	g.add(directoryRecords, document(d))
	g.dirs = append(g.dirs, d)
}

func (g *generator) root(i int) directory {
	name := rootNames[i%len(rootNames)]
	if i >= len(rootNames) {
		name = fmt.Sprintf("%s-%d", name, i)
	}
	d := directory{id: g.newID(), isRoot: true, name: name, path: path.Join(g.o.Prefix, name), rel: name}
	if g.o.Windows && i == 1 {
		d.path, d.rel = "D:/Photos", "drive-d"
	}
	d.root = d.id
	g.roots = append(g.roots, Root{ID: d.id, Path: d.path, Rel: d.rel})
	return d
}

func (g *generator) subdirectory(i int) directory {
	up, name := pick(g, g.dirs), g.name(fmt.Sprintf("dir %03d", i))
	return directory{
		id: g.newID(), root: up.root, parent: g.refer(up.id),
		name: name, path: up.path + "/" + name, rel: up.rel + "/" + name,
	}
}

// bendParents makes orphans, directories without a parent, and cycles of one to four; a cycle may contain a root.
func (g *generator) bendParents() {
	n := len(g.docs[directoryRecords])
	for i := g.o.Roots; i < n; i++ {
		switch {
		case g.dirty("directories below a parent that does not exist"):
			g.set(directoryRecords, i, "parent_id", g.dangling())
		case g.chance(g.o.Dirt / 4):
			g.set(directoryRecords, i, "parent_id", pick(g, bson.A{nil, absent{}}))
		}
	}
	if n == 0 {
		return
	}
	for range 1 + n/20 {
		if g.chance(3 * g.o.Dirt) {
			g.cycle()
		}
	}
}

func (g *generator) cycle() {
	g.planted["cycles of directories"]++
	n := len(g.docs[directoryRecords])
	ring := g.rand.Perm(n)[:min(n, 1+g.rand.IntN(4))]
	for i, at := range ring {
		next := ring[(i+1)%len(ring)]
		g.set(directoryRecords, at, "parent_id", g.refer(g.ids[directoryRecords][next]))
	}
}
