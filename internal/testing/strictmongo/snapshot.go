package strictmongo

import (
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Snapshot is all that a server stores at a moment.
type Snapshot map[string]map[string]*collection

// Snapshot copies what is stored. Open cursors and commands that are late are no part of it.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloned(s.databases)
}

// Restore makes the server store what it stored at the moment of a snapshot, and forget cursors and late commands.
func (s *Server) Restore(to Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.databases, s.cursors, s.late = cloned(to), map[int64]*cursor{}, nil
}

// Documents are those of a collection, in the order of insertion. They must not be changed.
func (s *Server) Documents(database, name string) (docs []bson.Raw) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.collection(database, name)
	if c == nil {
		return nil
	}
	for _, d := range c.order {
		if !d.gone {
			docs = append(docs, d.raw)
		}
	}
	return docs
}

func cloned(databases map[string]map[string]*collection) Snapshot {
	copies := Snapshot{}
	for database, collections := range databases {
		copies[database] = map[string]*collection{}
		for name, c := range collections {
			copies[database][name] = c.clone()
		}
	}
	return copies
}

// clone is a copy that shares the bytes of the documents, which never change.
func (c *collection) clone() *collection {
	copied := &collection{options: c.options, collation: c.collation, validator: c.validator,
		docs: make(map[string]*stored, len(c.docs))}
	copied.replay = c.replay
	for _, d := range c.order {
		if !d.gone {
			s := &stored{raw: d.raw}
			copied.order = append(copied.order, s)
			copied.docs[c.collation.key(d.raw.Lookup("_id"))] = s
		}
	}
	for _, x := range c.indexes {
		y := *x
		y.entries = maps.Clone(x.entries)
		copied.indexes = append(copied.indexes, &y)
	}
	return copied
}
