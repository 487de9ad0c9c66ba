package idtable

import (
	"math/bits"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// part is slots with the ids of one range of hashes. A slot whose id is all zeros is empty.
type part[V any] struct {
	ids    []bson.ObjectID
	values []V
	n      int
}

// makePart is an empty part with so many slots at least.
func makePart[V any](slots int) part[V] {
	ids := slices.Grow([]bson.ObjectID(nil), slots)
	ids = ids[:cap(ids)]
	return part[V]{ids: ids, values: make([]V, len(ids))}
}

// hasher gives the hash of an id.
type hasher interface{ hash(bson.ObjectID) uint64 }

// home is the slot where the search for an id begins: the bits of the hash below those that chose the part, as a fraction.
func (p *part[V]) home(hash uint64) int {
	at, _ := bits.Mul64(hash<<partBits, uint64(len(p.ids)))
	return int(at)
}

// find is the slot of id, or the empty one where it belongs, if there are any slots.
func (p *part[V]) find(hash uint64, id bson.ObjectID) (at int, found bool) {
	if len(p.ids) == 0 {
		return 0, false
	}
	at = p.home(hash)
	for !p.ids[at].IsZero() {
		if p.ids[at] == id {
			return at, true
		}
		at = p.after(at)
	}
	return at, false
}

func (p *part[V]) after(at int) int {
	if at++; at == len(p.ids) {
		return 0
	}
	return at
}

// put sets the value of id and tells whether it is new.
func (p *part[V]) put(h hasher, hash uint64, id bson.ObjectID, v V) bool {
	at, found := p.find(hash, id)
	if !found && p.full() {
		p.grow(h)
		at, _ = p.find(hash, id)
	}
	p.ids[at], p.values[at] = id, v
	if !found {
		p.n++
	}
	return !found
}

// full tells that another id would leave less than an eighth of the slots empty, which made searches long.
func (p *part[V]) full() bool { return 8*(p.n+1) > 7*len(p.ids) }

// grow makes a tenth more slots, and as many as fit into the memory that Go then gives, so that about a quarter is empty
// at most.
func (p *part[V]) grow(h hasher) {
	old := *p
	*p = makePart[V](len(old.ids) + len(old.ids)/10 + 8)
	p.n = old.n
	old.all(func(id bson.ObjectID, v V) bool {
		at, _ := p.find(h.hash(id), id)
		p.ids[at], p.values[at] = id, v
		return true
	})
}

// remove empties the slot of id, moves up what would not be found any more, and tells whether id was there.
func (p *part[V]) remove(h hasher, hash uint64, id bson.ObjectID) bool {
	hole, found := p.find(hash, id)
	if !found {
		return false
	}
	for at := p.after(hole); !p.ids[at].IsZero(); at = p.after(at) {
		if p.between(hole, p.home(h.hash(p.ids[at])), at) {
			continue
		}
		p.ids[hole], p.values[hole] = p.ids[at], p.values[at]
		hole = at
	}
	var none V
	p.ids[hole], p.values[hole] = bson.NilObjectID, none
	p.n--
	return true
}

// between tells whether home lies behind hole on the way to at, so that a search which begins there does not pass the hole.
func (p *part[V]) between(hole, home, at int) bool {
	if hole < at {
		return hole < home && home <= at
	}
	return hole < home || home <= at
}

func (p *part[V]) all(yield func(bson.ObjectID, V) bool) bool {
	for i, id := range p.ids {
		if !id.IsZero() && !yield(id, p.values[i]) {
			return false
		}
	}
	return true
}
