package librarytest

import (
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Fields of file_records that smart albums ask for and no task reads.
const (
	fieldExtension = "extension"
	fieldFileType  = "file_type"
	fieldRating    = "rating"
)

// fileRecords makes the records, the files on disk, and a few files that nobody recorded.
func (g *generator) fileRecords() {
	if len(g.dirs) == 0 {
		return
	}
	for i := range g.o.Files {
		g.fileRecord(i)
	}
	for i := range g.o.Files / 20 {
		d := pick(g, g.dirs)
		g.disk = append(g.disk, File{Rel: d.rel + "/" + g.fileName(i, "new"), Size: int64(g.rand.IntN(2048))})
	}
}

func (g *generator) fileRecord(i int) {
	m, d, kind := g.m.Files, pick(g, g.dirs), pick(g, extensions)
	name, size := g.fileName(i, kind.extension), int64(g.rand.IntN(4096))
	id := g.newID()
	doc := bson.D{{Key: "_id", Value: id}, {Key: m.Path, Value: d.path + "/" + name}, {Key: m.Name, Value: name}}
	doc = field(doc, m.Parent, g.fileParent(d))
	doc = field(doc, m.Root, g.rootReference(d.root, "files"))
	doc = field(doc, m.Size, g.size(size))
	doc = field(doc, m.ModifiedAt, bson.NewDateTimeFromTime(g.o.Now.Add(-time.Duration(g.rand.IntN(1000))*24*time.Hour)))
	doc = append(doc, bson.E{Key: fieldExtension, Value: kind.extension}, bson.E{Key: fieldFileType, Value: kind.kind})
	doc = field(doc, fieldRating, g.rating())
	doc = append(doc, bson.E{Key: m.HasThumbnail, Value: g.chance(0.5)}, bson.E{Key: m.HasVector, Value: g.chance(0.1)})
	doc = field(doc, m.Tags, g.references(g.tagIDs, 4, m.Tags))
	doc = append(doc, bson.E{Key: m.TagNames, Value: bson.A{}})
	g.add(m.Collection, field(doc, m.Albums, g.references(g.albumIDs, 2, m.Albums)))
	g.files = append(g.files, record{id: id})
	if g.chance(g.o.Missing) {
		g.planted["files that are gone from disk"]++
		g.missing = append(g.missing, Gone{ID: id, Path: d.path + "/" + name})
		return
	}
	g.onDisk(d, name, size)
}

// onDisk puts the file where its record says, in the other Unicode form at times.
func (g *generator) onDisk(d directory, name string, size int64) {
	if other, has := otherForm(name); has && g.dirty("files whose name on disk is in the other Unicode form") {
		name = other
	}
	g.disk = append(g.disk, File{Rel: d.rel + "/" + name, Size: size})
}

func (g *generator) fileParent(d directory) any {
	switch {
	case g.dirty("dangling parent_id of files"):
		return g.dangling(nil)
	case g.chance(g.o.Dirt / 4):
		return pick(g, bson.A{nil, absent{}})
	}
	return g.refer(d.id)
}

// size is a size in bytes as an int32, an int64 or a double, or what stands in its place.
func (g *generator) size(n int64) any {
	if !g.dirty("sizes of another type than int64") {
		return n
	}
	odd := bson.A{
		int32(n), float64(n), float64(n) + 0.75, int64(5 << 32), 3e10, absent{}, nil,
		int64(-1), int32(-7), -2.5, "12 KB", true, 0.0,
	}
	if g.o.MongoDBOnly {
		odd = append(odd, math.NaN(), math.Inf(1), math.Inf(-1))
	}
	return pick(g, odd)
}

func (g *generator) rating() any {
	n := g.rand.IntN(6)
	if g.dirty("ratings of another type than int32") {
		return pick(g, bson.A{int64(n), float64(n), absent{}, nil})
	}
	return int32(n)
}
