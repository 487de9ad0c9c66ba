package strictmongo

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MaxDocument is the largest document, and MaxMessage the largest message, in bytes.
// https://www.mongodb.com/docs/manual/reference/limits/#bson-documents
const (
	MaxDocument = 16 * 1024 * 1024
	MaxMessage  = 48_000_000
	// maxInternal is the largest command that the server reads: a document with some room for what is around it.
	maxInternal = MaxDocument + 16*1024
)

// CollectionOptions are what a collection is created with.
type CollectionOptions struct {
	// Capped collections cannot be deleted from, and a document of theirs cannot change its size. MongoDB 5.0 lifted
	// both; this server answers as those before did. https://www.mongodb.com/docs/v4.4/core/capped-collections/
	Capped bool
	// ViewOn makes it a view of another collection: reads only. https://www.mongodb.com/docs/manual/core/views/
	ViewOn string
	// Validator refuses documents that do not match: error 121.
	// https://www.mongodb.com/docs/manual/core/schema-validation/
	Validator bson.D
	// IgnoresCase is a default collation of strength 2. https://www.mongodb.com/docs/manual/reference/collation/
	IgnoresCase bool
}

// collection is one collection; the server's lock guards it.
type collection struct {
	options   CollectionOptions
	collation collation
	validator predicate
	docs      map[string]*stored // by the key of the _id
	order     []*stored          // as they were inserted, deleted ones too
	deleted   int                // how many of order
	byID      []*stored          // by _id; nil where it must be sorted again
	indexes   []*index
	replay    *replay // what answers for it, if it is one
}

// stored is a document at rest. Its bytes never change; an update puts others in their place.
type stored struct {
	raw  bson.Raw
	gone bool
}

func newCollection(o CollectionOptions) (*collection, error) {
	c := &collection{options: o, collation: collation{o.IgnoresCase}, docs: map[string]*stored{}}
	c.indexes = []*index{{name: "_id_", keys: bson.D{{Key: "_id", Value: int32(1)}}}}
	if o.Validator == nil {
		return c, nil
	}
	raw, err := bson.Marshal(o.Validator)
	if err != nil {
		return nil, err
	}
	c.validator, err = parser{c.collation}.filter(raw)
	return c, err
}

func (c *collection) len() int {
	if c.replay != nil {
		return c.replay.Documents
	}
	return len(c.docs)
}

// put adds a document whose _id is new.
func (c *collection) put(key string, raw bson.Raw) {
	s := &stored{raw: raw}
	c.docs[key] = s
	c.order = append(c.order, s)
	c.appendSorted(s)
}

// appendSorted keeps the order of _id where the new one is the greatest, as ObjectIDs are.
func (c *collection) appendSorted(s *stored) {
	if c.byID == nil && len(c.order) > 1 {
		return
	}
	if n := len(c.byID); n > 0 && c.collation.compare(c.byID[n-1].raw.Lookup("_id"), s.raw.Lookup("_id")) > 0 {
		c.byID = nil
		return
	}
	c.byID = append(c.byID, s)
}

func (c *collection) remove(key string) {
	s := c.docs[key]
	if s == nil {
		return
	}
	s.gone = true
	delete(c.docs, key)
	if c.deleted++; c.deleted > len(c.order)/2 {
		c.order = slices.DeleteFunc(c.order, func(s *stored) bool { return s.gone })
		c.byID = slices.DeleteFunc(c.byID, func(s *stored) bool { return s.gone })
		c.deleted = 0
	}
}

// sorted is the documents by _id, deleted ones too.
func (c *collection) sorted() []*stored {
	if c.byID == nil {
		c.byID = slices.DeleteFunc(slices.Clone(c.order), func(s *stored) bool { return s.gone })
		slices.SortStableFunc(c.byID, func(a, b *stored) int {
			return c.collation.compare(a.raw.Lookup("_id"), b.raw.Lookup("_id"))
		})
	}
	return c.byID
}

// behind is the sorted documents that a comparison of _id with a value leaves to look at: none at or before it where
// {$gt: v}.
func (c *collection) behind(v bson.RawValue) []*stored {
	all := c.sorted()
	at, found := slices.BinarySearchFunc(all, v, func(s *stored, v bson.RawValue) int {
		return c.collation.compare(s.raw.Lookup("_id"), v)
	})
	if found {
		at++
	}
	return all[at:]
}
