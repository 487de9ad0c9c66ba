package library

// Index is one index that a collection should have: ascending over its fields, in this order, and nothing else about it special.
type Index struct {
	Fields []string
	Unique bool
}

// Name is what MongoDB calls such an index unless told otherwise.
func (i Index) Name() string {
	name := ""
	for _, field := range i.Fields {
		name += "_" + field + "_1"
	}
	return name[1:]
}

// CollectionIndexes are the indexes that one collection should have.
type CollectionIndexes struct {
	Collection string
	Indexes    []Index
}

// Indexes are the indexes of all collections: one for every field by which the application or maintenance looks documents up.
//
// Only an embedding is unique by what it is, one vector for a file and a provider. That paths are unique is no index's business:
// real libraries hold a path twice, and an index that forbids it would make the application's writes fail.
func (m Model) OldIndexes() []CollectionIndexes {
	by := func(fields ...string) Index { return Index{Fields: fields} }
	f, d, t, a, e := m.Files, m.Directories, m.Tags, m.Albums, m.Embeddings
	return []CollectionIndexes{
		{f.Collection, []Index{by(f.Path), by(f.Parent), by(f.Root), by(f.Tags), by(f.Albums)}},
		{d.Collection, []Index{by(d.Path), by(d.Parent), by(d.Root)}},
		{t.Collection, []Index{by(t.FullPath), by(t.Parent)}},
		{a.Collection, []Index{by(a.Parent), by(a.Files)}},
		{e.Collection, []Index{{Fields: []string{e.Provider, e.File}, Unique: true}, by(e.File)}},
		{m.Tasks.Collection, []Index{by(m.Tasks.Status, m.Tasks.CreatedAt)}},
		{m.Journal.Collection, []Index{by(m.Journal.Timestamp)}},
	}
}
