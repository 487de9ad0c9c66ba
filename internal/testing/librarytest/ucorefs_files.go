package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// ucorefs makes a library as the desktop application writes it: the fields of each document in the application's order,
// null where nothing was ever set.
func (g *generator) ucorefs() {
	g.directories(g.directoryRecord)
	g.tags(g.ucorefsTag)
	g.synonyms()
	g.albums(g.ucorefsAlbum)
	g.fileRecords(g.fileRecord)
	g.albumFiles()
	g.mirrorAlbums()
	g.ucorefsEmbeddings()
	g.ucorefsDetections()
	g.ucorefsRelations()
	g.ucorefsAnnotations()
	g.ucorefsTasks()
	g.journalEntries()
	g.unmaintained()
	if g.o.Heartbeat {
		g.heartbeat()
	}
}

// directoryRecord has a root_id that is text but in the root itself, and the time of the folder but in the root.
func (g *generator) directoryRecord(d directory) bson.D {
	root, watched, blacklisted, modified := rootText(d.root), any(nil), any(nil), any(g.date(1000))
	if d.isRoot {
		root, watched, blacklisted, modified = d.root, bson.A{"jpg"}, bson.A{}, absent{}
	}
	return document(
		"_id", d.id, "_cls", "DirectoryRecord", "child_count", int32(0), "file_count", int32(0), "total_size", int32(0),
		"is_root", d.isRoot, "watch_extensions", watched, "blacklist_paths", blacklisted, "scan_enabled", true,
		"path", d.path, "name", d.name, "parent_id", d.parent, "root_id", g.rootID(root, "directories"),
		"modified_at", modified,
	)
}

// rootText is a root's id as a scan writes it: the hex text of an ObjectID.
func rootText(root any) any {
	if id, ok := root.(bson.ObjectID); ok {
		return id.Hex()
	}
	return root
}

func (g *generator) rootID(root any, whose string) any {
	if g.dirty("dangling root_id of " + whose) {
		return g.dangling()
	}
	return root
}

// processingStates are those of files, from just found to complete.
var processingStates = []int32{0, 10, 10, 10, 20, 30, 40, 50, 100}

func (g *generator) fileRecord(f file) bson.D {
	tagIDs := g.tagIDs()
	virtual := any(absent{})
	if f.virtual {
		virtual = true
	}
	return document(
		"_id", f.id, "_cls", "FileRecord", "file_type", g.fileType(f), "mime_type", "", "extension", f.extension,
		"hash_md5", "", "favorite", g.chance(0.1), "rating", g.rating(), "label", "", "description", "",
		"ai_description", "", "ai_caption", "", "has_thumbnail", g.chance(0.5), "has_vector", false,
		"tag_ids", tagIDs, "tags", g.tagPaths(tagIDs), "album_ids", nil, "embeddings", nil, "detections", nil,
		"path", f.path(), "name", f.name, "parent_id", g.fileParent(f.dir),
		"root_id", g.rootID(rootText(f.dir.root), "files"),
		"size_bytes", g.size(f.size), "modified_at", g.date(1000), "processing_state", pick(g, processingStates),
		"is_virtual", virtual,
	)
}

// fileType is unknown for some, as after a scan.
func (g *generator) fileType(f file) string {
	if g.chance(0.1) {
		return "unknown"
	}
	return f.fileType
}

// tagIDs are null in a file that never had a tag.
func (g *generator) tagIDs() any {
	if g.chance(0.3) {
		return nil
	}
	return g.references(tags, 4, "tag_ids")
}

// tagPaths are the full paths of the tags, which the application keeps beside their ids.
func (g *generator) tagPaths(tagIDs any) any {
	list, ok := tagIDs.(bson.A)
	if !ok {
		return nil
	}
	paths := bson.A{}
	for _, id := range list {
		if path, ok := g.paths[KeyOf(id)]; ok {
			paths = append(paths, path)
		}
	}
	return paths
}
