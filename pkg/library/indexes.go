package library

// Index is one index that a collection should have: ascending over its fields, in this order, and nothing else about it
// special.
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

// IndexesOf are the indexes that a collection should have; none for one of which nothing is declared.
func (l Library) IndexesOf(collection string) []Index {
	for _, declared := range l.Indexes {
		if declared.Collection == collection {
			return declared.Indexes
		}
	}
	return nil
}
