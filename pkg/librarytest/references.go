package librarytest

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

// Dangling is one reference that leads nowhere.
type Dangling struct {
	// Kind is the count that verify-references reports it under.
	Kind string
	// Collection, Field and ID, a Key, say where it stands; Target, a Key, what does not exist.
	Collection, ID, Field, Target string
}

// Danglings are all references of docs that lead nowhere, one for each document, field and target. Null, a missing field and
// a list that is no array refer to nothing.
func Danglings(docs map[string][]bson.Raw) (all []Dangling) {
	m := library.UCoreFS()
	for _, r := range []struct{ kind, from, field, to string }{
		{"brokenTagRefs", m.Files.Collection, m.Files.Tags, m.Tags.Collection},
		{"brokenAlbumRefs", m.Files.Collection, m.Files.Albums, m.Albums.Collection},
		{"brokenDirRefs", m.Files.Collection, m.Files.Parent, m.Directories.Collection},
		{"brokenDirRefs", m.Files.Collection, m.Files.Root, m.Directories.Collection},
		{"brokenFileRefs", m.Albums.Collection, m.Albums.Files, m.Files.Collection},
		{"brokenFileRefs", m.Albums.Collection, m.Albums.Cover, m.Files.Collection},
		{"brokenParentRefs", m.Tags.Collection, m.Tags.Parent, m.Tags.Collection},
		{"brokenParentRefs", m.Albums.Collection, m.Albums.Parent, m.Albums.Collection},
		{"brokenParentRefs", m.Directories.Collection, m.Directories.Parent, m.Directories.Collection},
		{"brokenEmbeddingRefs", m.Embeddings.Collection, m.Embeddings.File, m.Files.Collection},
	} {
		list := slices.Contains([]string{m.Files.Tags, m.Files.Albums, m.Albums.Files}, r.field)
		for _, doc := range docs[r.from] {
			for target := range targets(doc.Lookup(r.field), list) {
				if !exists(docs[r.to], target) {
					all = append(all, Dangling{r.kind, r.from, idOf(doc), r.field, target})
				}
			}
		}
	}
	return all
}

// targets are the ids that a field refers to, each once.
func targets(v bson.RawValue, list bool) map[string]bool {
	if list {
		return distinct(v)
	}
	if !refers(v) {
		return nil
	}
	return map[string]bool{Key(v): true}
}

func exists(docs []bson.Raw, id string) bool {
	return slices.ContainsFunc(docs, func(doc bson.Raw) bool { return idOf(doc) == id })
}
