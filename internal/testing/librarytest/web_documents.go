package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// web makes a library as the web application writes it. What links files to tags and albums are documents.
func (g *generator) web() {
	g.directories(g.webDirectory)
	g.tags(g.webTag)
	g.albums(g.webAlbum)
	g.fileRecords(g.webFile)
	g.links(fileTags, "tag_id", tags, 4)
	g.links(fileAlbums, "album_id", albums, 2)
	g.webEmbeddings()
	g.webDetections()
	g.webRelations()
	g.webAnnotations()
	g.webTasks()
	g.webJournal()
	g.webRules()
}

func (g *generator) webDirectory(d directory) bson.D {
	return document(
		"_id", d.id, "path", d.path, "name", d.name, "parent_id", d.parent, "child_count", int32(0),
		"created_at", g.date(1000), "modified_at", g.date(1000), "last_scanned_at", nil, "scan_state", "pending",
	)
}

func (g *generator) webTag(t tag) bson.D {
	return document(
		"_id", t.id, "name", t.name, "description", nil, "color", nil, "parent_id", t.parent, "lft", int32(1),
		"rgt", int32(2), "level", int32(t.depth), "file_count", int32(0), "synonyms", bson.A{}, "antonyms", bson.A{},
		"created_at", g.date(1000),
	)
}

func (g *generator) webAlbum(name string, smart, query any) bson.D {
	if _, manual := query.(absent); manual {
		query = nil
	}
	return document(
		"_id", g.newID(), "name", name, "description", nil, "icon", nil, "is_smart", smart, "query", query,
		"file_count", int32(0), "custom_properties", bson.D{}, "created_at", g.date(1000), "updated_at", g.date(1000),
	)
}

var webStates = []string{"raw", "processing", "complete", "error"}

// webFile has its extension with the dot, as the application takes it from the path.
func (g *generator) webFile(f file) bson.D {
	return document(
		"_id", f.id, "path", f.path(), "name", f.name, "extension", "."+f.extension, "size", g.size(f.size),
		"mime_type", nil, "parent_id", g.fileParent(f.dir), "created_at", g.date(1000), "modified_at", g.date(1000),
		"file_modified_at", g.date(1000), "processing_state", pick(g, webStates), "processing_results", bson.D{},
		"rating", g.rating(), "custom_properties", bson.D{}, "description", nil, "tags_auto", bson.A{}, "embedding", nil,
	)
}

// links gives each file up to most documents that link it to a tag or an album; some twice.
func (g *generator) links(collection, field, to string, most int) {
	if len(g.ids[to]) == 0 {
		return
	}
	for i := range g.ids[fileRecords] {
		for range g.rand.IntN(most + 1) {
			file := g.fileOf(i, "links of files that do not exist")
			link := document("file_id", file, field, g.reference(to, field), "created_at", g.date(1000))
			g.addLink(collection, link)
			if g.dirty("links that exist twice") {
				g.addLink(collection, link)
			}
		}
	}
}

func (g *generator) addLink(collection string, link bson.D) {
	g.add(collection, append(document("_id", g.newID()), link...))
}

// webEmbeddings gives each of the first files its one vector.
func (g *generator) webEmbeddings() {
	for i := range min(g.o.Embeddings, len(g.ids[fileRecords])) {
		model, dimension := "clip", g.o.ClipDimension
		if i%4 == 3 {
			p := pick(g, otherProviders)
			model, dimension = p.name, p.dimension
		}
		g.add(embeddings, document(
			"_id", g.newID(), "file_id", g.fileOf(i, "embeddings of files that do not exist"),
			"embedding", g.vector(dimension), "model", model, "dimension", int32(dimension), "created_at", g.date(30),
		))
	}
}

func (g *generator) webRules() {
	if g.o.Files == 0 {
		return
	}
	g.add(rules, document(
		"_id", g.newID(), "name", "Rate", "description", nil, "enabled", true, "trigger", "manual", "conditions", bson.A{},
		"actions", bson.A{}, "execution_count", int32(0), "last_executed_at", nil, "created_at", g.date(60),
	))
}

func (g *generator) webTasks() {
	for i := range g.o.Tasks {
		g.add(taskRecords, document(
			"_id", g.newID(), "task_id", fmt.Sprintf("task-%d", i), "task_type", "scan",
			"status", g.status("pending", "running", "completed", "failed"), "params", bson.D{}, "result", nil,
			"error", nil,
			"progress", 0.0, "progress_message", nil, "created_at", g.webTime(60), "started_at", nil, "completed_at", nil,
		))
	}
}

func (g *generator) webJournal() {
	for range g.o.Journal {
		g.add(journalEvents, document(
			"_id", g.newID(), "event_type", "file_indexed", "event_data", bson.D{}, "user", nil, "timestamp", g.webTime(180),
		))
	}
}

// webTime is a date more than a day ago, so that the library is idle, or what stands in its place.
func (g *generator) webTime(days int) any {
	if g.dirty("times that are none") {
		return pick(g, g.noTimes())
	}
	return bson.NewDateTimeFromTime(g.past(days).AddDate(0, 0, -2))
}
