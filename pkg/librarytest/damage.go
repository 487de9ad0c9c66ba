package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// oneOfEach makes one dangling reference in every field that refers, for a library whose damage must be complete whatever
// chance did. It changes no more than one document for each.
func (g *generator) oneOfEach() {
	m := g.m
	g.breakList(m.Files.Collection, m.Files.Tags)
	g.breakList(m.Files.Collection, m.Files.Albums)
	g.breakList(m.Albums.Collection, m.Albums.Files)
	g.breakField(m.Files.Collection, m.Files.Parent, "dangling parent_id of files")
	g.breakField(m.Files.Collection, m.Files.Root, "dangling root_id of files")
	g.breakField(m.Albums.Collection, m.Albums.Cover, "dangling cover_id")
	g.breakField(m.Tags.Collection, m.Tags.Parent, "dangling parent_id of tags")
	g.breakField(m.Albums.Collection, m.Albums.Parent, "dangling parent_id of albums")
	g.breakField(m.Directories.Collection, m.Directories.Parent, "directories below a parent that does not exist")
	g.breakField(m.Embeddings.Collection, m.Embeddings.File, "embeddings of files that do not exist")
}

// breakField makes the last document's reference lead nowhere; the last tag, album or directory has nothing below it.
func (g *generator) breakField(collection, name, what string) {
	docs := g.docs[collection]
	for i := len(docs) - 1; i >= 0; i-- {
		if _, missing := value(docs[i], name).(absent); !missing {
			g.planted[what]++
			set(docs[i], name, g.dangling(nil))
			return
		}
	}
}

// breakList adds a reference that leads nowhere to the first array.
func (g *generator) breakList(collection, name string) {
	for _, doc := range g.docs[collection] {
		if list, ok := value(doc, name).(bson.A); ok {
			g.planted["dangling "+name]++
			set(doc, name, append(list, g.dangling(nil)))
			return
		}
	}
}
