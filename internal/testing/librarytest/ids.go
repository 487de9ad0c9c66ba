package librarytest

import (
	"encoding/binary"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// newID is an id that no document has yet. An odd one is text or a number of any type.
func (g *generator) newID() any {
	g.made++
	if !g.chance(g.o.OddIDs) {
		return g.objectID()
	}
	switch g.rand.IntN(6) {
	case 0:
		return fmt.Sprintf("id-%d", g.made)
	case 1:
		return fmt.Sprintf("%d", g.made) // looks like a number and is none
	case 2:
		return int32(g.made)
	case 3:
		return int64(g.made)
	case 4:
		return g.objectID().Hex()
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

// refer is a reference to id, at times in another form: a number in another type, an ObjectID as its hex text or the
// other way round.
func (g *generator) refer(id any) any {
	if n, ok := number(id); ok && g.dirty("references that hold an id in another numeric type") {
		return g.retype(n)
	}
	if other, ok := otherIDForm(id); ok && g.chance(0.5) && g.dirty("references that hold an id in its other form") {
		return other
	}
	return id
}

// otherIDForm is the hex text of an ObjectID, or the ObjectID of a hex text.
func otherIDForm(id any) (other any, ok bool) {
	switch v := id.(type) {
	case bson.ObjectID:
		return v.Hex(), true
	case string:
		other, err := bson.ObjectIDFromHex(v)
		return other, err == nil
	}
	return nil, false
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

// dangling is a reference that leads nowhere, some as hex text.
func (g *generator) dangling() any {
	id := g.newID()
	if other, ok := otherIDForm(id); ok && g.rand.IntN(4) == 0 {
		return other
	}
	return id
}
