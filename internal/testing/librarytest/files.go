package librarytest

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// extensions and the file types that the desktop application's fix-file-types gives them.
var extensions = []struct{ extension, fileType string }{
	{"jpg", "image"}, {"png", "image"}, {"heic", "image"}, {"mp4", "video"}, {"mov", "video"}, {"txt", "text"},
}

// file is a file that was made, before its document is.
type file struct {
	id                        any
	dir                       directory
	name, extension, fileType string
	size                      int64
	virtual                   bool
}

// path is the file's path as recorded.
func (f file) path() string { return f.dir.path + "/" + f.name }

// fileRecords makes the records, the files on disk, and a few files that nobody recorded. A layout gives the documents.
func (g *generator) fileRecords(document func(f file) bson.D) {
	if len(g.dirs) == 0 {
		return
	}
	for i := range g.o.Files {
		f := g.file(i)
		g.add(fileRecords, document(f))
		g.onDisk(f)
	}
	for i := range g.o.Files / 20 {
		d, name := pick(g, g.dirs), g.name(fmt.Sprintf("IMG_%05d", i))+".new"
		g.disk = append(g.disk, File{Rel: d.rel + "/" + name, Size: g.bytes()})
	}
}

func (g *generator) file(i int) file {
	kind := pick(g, extensions)
	f := file{
		dir: pick(g, g.dirs), name: g.name(fmt.Sprintf("IMG_%05d", i)) + "." + kind.extension,
		extension: kind.extension, fileType: kind.fileType, size: g.bytes(), id: g.newID(),
	}
	if g.o.Layout == UCoreFS && g.chance(g.o.Virtual) {
		g.planted["virtual files"]++
		f.virtual = true
	}
	return f
}

// onDisk puts the file where its record says, in the other Unicode form at times, or leaves it out.
func (g *generator) onDisk(f file) {
	switch {
	case f.virtual:
		return
	case g.chance(g.o.Missing):
		g.planted["files that are gone from disk"]++
		g.missing = append(g.missing, Gone{ID: f.id, Path: f.path()})
		return
	}
	name := f.name
	if other, has := otherForm(name); has && g.dirty("files whose name on disk is in the other Unicode form") {
		name = other
	}
	g.disk = append(g.disk, File{Rel: f.dir.rel + "/" + name, Size: f.size})
}

func (g *generator) fileParent(d directory) any {
	switch {
	case g.dirty("dangling parent_id of files"):
		return g.dangling()
	case g.chance(g.o.Dirt / 4):
		return pick(g, bson.A{nil, absent{}})
	}
	return g.refer(d.id)
}

// past is a moment of the last days.
func (g *generator) past(days int) time.Time {
	return g.o.Now.Add(-time.Duration(g.rand.Int64N(int64(days) * int64(24*time.Hour))))
}

// date is a moment of the last days as a date.
func (g *generator) date(days int) bson.DateTime { return bson.NewDateTimeFromTime(g.past(days)) }
