package librarytest

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

// generator holds what has been made so far. Every random choice comes from rand, in a fixed order.
type generator struct {
	rand  *rand.Rand
	o     Options
	m     library.Model
	docs  map[string][]bson.D
	roots []Root
	dirs  []directory
	files []record
	disk  []File

	tagIDs, albumIDs []any
	planted          map[string]int
	missing          []Gone
	made             int // ids so far; keeps them apart
}

// directory is a directory that was made: its document's place and where its files lie.
type directory struct {
	id, root any
	path     string // as recorded
	rel      string // on disk
}

// record is a file record that was made.
type record struct{ id any }

func newRand(seed, stream int64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), uint64(stream)))
}

func newGenerator(seed int64, o Options) *generator {
	return &generator{rand: newRand(seed, 2), o: o, m: library.UCoreFS(), docs: map[string][]bson.D{}, planted: map[string]int{}}
}

func (g *generator) library() Library {
	return Library{Model: g.m, Docs: g.docs, Roots: g.roots, Planted: g.planted, Missing: g.missing, files: g.disk}
}

func (g *generator) add(collection string, doc bson.D) {
	g.docs[collection] = append(g.docs[collection], doc)
}

// chance is true with probability p.
func (g *generator) chance(p float64) bool { return p > 0 && g.rand.Float64() < p }

// dirty is true where the next thing should be dirty; it counts it as what.
func (g *generator) dirty(what string) bool {
	if !g.chance(g.o.Dirt) {
		return false
	}
	g.planted[what]++
	return true
}

// newID is an id that no document has yet. An odd one is a string or a number of any type.
func (g *generator) newID() any {
	g.made++
	if !g.chance(g.o.OddIDs) {
		return g.objectID()
	}
	switch g.rand.IntN(5) {
	case 0:
		return fmt.Sprintf("id-%d", g.made)
	case 1:
		return fmt.Sprintf("%d", g.made) // looks like a number and is none
	case 2:
		return int32(g.made)
	case 3:
		return int64(g.made)
	}
	return float64(g.made)
}

// objectID is unique by its counter and looks as if made in 2020.
func (g *generator) objectID() bson.ObjectID {
	var id bson.ObjectID
	binary.BigEndian.PutUint32(id[:4], 0x5e0be100+uint32(g.made))
	binary.BigEndian.PutUint32(id[4:8], g.rand.Uint32())
	binary.BigEndian.PutUint32(id[8:], uint32(g.made))
	return id
}

// refer is a reference to id: where id is a number, at times the same number in another type.
func (g *generator) refer(id any) any {
	n, ok := number(id)
	if !ok || !g.dirty("references that hold an id in another numeric type") {
		return id
	}
	return g.retype(n)
}

// retype is a whole number in a numeric type of chance that can hold it.
func (g *generator) retype(n float64) any {
	switch g.rand.IntN(3) {
	case 0:
		if n == float64(int32(n)) {
			return int32(n)
		}
	case 1:
		return n
	}
	return int64(n)
}

// dangling is a reference that leads nowhere. Some look like an id of theirs: the hex form of an ObjectID that exists.
func (g *generator) dangling(existing []any) any {
	if len(existing) > 0 && g.rand.IntN(4) == 0 {
		if id, ok := pick(g, existing).(bson.ObjectID); ok {
			return id.Hex()
		}
	}
	return g.newID()
}

// reference is a reference to one of ids, at times a dangling one or nil.
func (g *generator) reference(ids []any, what string) any {
	if g.dirty("dangling " + what) {
		return g.dangling(ids)
	}
	if len(ids) == 0 {
		return nil
	}
	return g.refer(pick(g, ids))
}

// references are up to most references to ids, as an array or as what should have been one; twice and dangling ones included.
func (g *generator) references(ids []any, most int, what string) any {
	if g.dirty(what + " that are no array") {
		return g.noArray(ids)
	}
	list := bson.A{}
	for range g.rand.IntN(most + 1) {
		switch {
		case g.dirty("dangling " + what):
			list = append(list, g.dangling(ids))
		case g.dirty(what + " with a null in it"):
			list = append(list, nil)
		case len(ids) > 0:
			list = append(list, g.refer(pick(g, ids)))
		}
		if len(list) > 0 && g.dirty(what+" with an id twice") {
			list = append(list, pick(g, list))
		}
	}
	return list
}

// absent is the value of a field that a document does not have: see field.
type absent struct{}

func (g *generator) noArray(ids []any) any {
	switch g.rand.IntN(4) {
	case 0:
		return nil
	case 1:
		return "none"
	case 2:
		if len(ids) > 0 {
			return pick(g, ids) // the bare id, which MongoDB's equality would match and which counts for nothing
		}
	}
	return absent{}
}

// field appends a field to doc unless its value is absent.
func field(doc bson.D, name string, value any) bson.D {
	if _, no := value.(absent); no {
		return doc
	}
	return append(doc, bson.E{Key: name, Value: value})
}

func pick[S ~[]E, E any](g *generator, list S) E { return list[g.rand.IntN(len(list))] }
