package round

import (
	"bytes"
	"encoding/gob"
	"hash/fnv"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
)

// Entry is one document with counters while its slice is counted, as a checkpoint holds it.
type Entry struct {
	Kind   int // the index of its collection
	ID     bson.RawValue
	Stored uint64  // the digest of its counters as they were when the first scan began
	Sums   []int64 // what was counted so far in this scan, for each counter of the collection; none: nothing was
	First  []int64 // in the second scan: what the counters should be by the first
}

// Entries are in a checkpoint in a form that takes some 40 bytes for each.
type Entries []Entry

// Weight is about how many bytes an entry of a collection with so many counters takes there.
func (e Entry) Weight(counters int) int { return 24 + len(e.ID.Value) + 8*counters }

// MarshalBSONValue implements bson.ValueMarshaler.
func (all Entries) MarshalBSONValue() (kind byte, value []byte, err error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode([]Entry(all)); err != nil {
		return 0, nil, err
	}
	binary, value, err := bson.MarshalValue(b.Bytes())
	return byte(binary), value, err
}

// UnmarshalBSONValue implements bson.ValueUnmarshaler.
func (all *Entries) UnmarshalBSONValue(kind byte, value []byte) error {
	var b []byte
	if err := bson.UnmarshalValue(bson.Type(kind), value, &b); err != nil {
		return err
	}
	return gob.NewDecoder(bytes.NewReader(b)).Decode((*[]Entry)(all))
}

// fit tells whether these are entries of some collections.
func (all Entries) fit(of []recount.Collection) bool {
	return !slices.ContainsFunc(all, func(e Entry) bool {
		return e.Kind < 0 || e.Kind >= len(of) || len(e.Sums) > 0 && len(e.Sums) != len(of[e.Kind].Counters)
	})
}

// digestOf tells whether a document stores the same counters as before.
func digestOf(looks []recount.Look) uint64 {
	stored := make([]bsonvalue.Value, len(looks))
	for i, look := range looks {
		stored[i] = look.Stored
	}
	return digest(stored...)
}

// digest tells values apart, also across runs.
func digest(values ...bsonvalue.Value) uint64 {
	h, key := fnv.New64a(), []byte{}
	for _, v := range values {
		key = v.AppendKey(key[:0])
		h.Write(key)
	}
	return h.Sum64()
}

// slice is which of n slices a document belongs to, n being a power of two.
func slice(id bsonvalue.ID, n int) int {
	h := digest(id)
	return int((h ^ h>>32) % uint64(n))
}
