package references

import (
	"math"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/scan"
)

// references are the declared references in which c loses something, as indexes in order.
func (c Change) references() (indexes []int) {
	for _, o := range c.Lost {
		indexes = append(indexes, o.Reference)
	}
	slices.Sort(indexes)
	return slices.Compact(indexes)
}

// still is c as far as doc, which is its document as it is now, holds what it loses. What was removed meanwhile is not
// lost again.
func (c Change) still(l library.Library, doc bson.Raw) Change {
	now := Change{Collection: c.Collection, Document: c.Document}
	for _, i := range c.references() {
		gone, from := c.targets(i), l.References[i].From
		for target := range (held{doc.Lookup(from.Name), from.List}).targets {
			if gone.Has(target) {
				now.Lost = append(now.Lost, Occurrence{Reference: i, Document: c.Document, Target: target})
				now.Deleted = now.Deleted || l.References[i].Dangling == library.Delete
			}
		}
	}
	return now
}

// targets are the ids that c loses in one reference.
func (c Change) targets(reference int) *bsonvalue.IDSet {
	ids := &bsonvalue.IDSet{}
	for _, o := range c.Lost {
		if o.Reference == reference {
			ids.Add(o.Target)
		}
	}
	return ids
}

// deletion is how c's document goes: only while each reference that it cannot be without is as it is in doc.
func (c Change) deletion(l library.Library, doc bson.Raw) mongodb.Deletion {
	d := mongodb.Deletion{ID: c.Document, If: map[string]bsonvalue.Value{}}
	for _, i := range c.references() {
		if ref := l.References[i]; ref.Dangling == library.Delete {
			d.If[ref.From.Name] = bsonvalue.Reference(doc, ref.From.Name)
		}
	}
	return d
}

// update is how c's document loses its references: elements are taken out of lists, of which the others stay in their
// order and as they are, other fields become null, and a field that is declared to hold the length of a list that
// became shorter holds it.
func (c Change) update(l library.Library, doc bson.Raw) mongodb.Update {
	u := mongodb.Update{ID: c.Document}
	for _, i := range c.references() {
		ref := l.References[i]
		field := mongodb.Field{Name: ref.From.Name, Old: bsonvalue.Reference(doc, ref.From.Name)}
		if ref.Dangling == library.Pull {
			rest := c.rest(i, doc.Lookup(ref.From.Name))
			field.New = rest
			u.Fields = append(u.Fields, lengths(l, ref.From, doc, len(rest))...)
		}
		u.Fields = append(u.Fields, field)
	}
	return u
}

// rest is a list without what c loses.
func (c Change) rest(reference int, list bson.RawValue) bson.A {
	rest, gone := bson.A{}, c.targets(reference)
	for elements := scan.List(list); elements.Next(); {
		if v := elements.Value; !refers(v.Type, v.Value) || !gone.Has(idOf(v)) {
			rest = append(rest, v)
		}
	}
	return rest
}

// lengths are the counters of doc that say how long a list is, where that is not n already.
func lengths(l library.Library, list library.Field, doc bson.Raw, n int) (fields []mongodb.Field) {
	for _, counter := range l.Counters {
		old := bsonvalue.Reference(doc, counter.Field.Name)
		if counter.Length == list && counter.Where.Matches(doc) && old != bsonvalue.Int(int64(n)) {
			fields = append(fields, mongodb.Field{Name: counter.Field.Name, Old: old, New: whole(n)})
		}
	}
	return fields
}

// whole is n in the least BSON type that holds it, as the applications write it.
func whole(n int) any {
	if n <= math.MaxInt32 {
		return int32(n)
	}
	return int64(n)
}

// fields are those of a collection that a Change needs.
func fields(l library.Library, collection string) []string {
	names := []string{"_id"}
	for _, ref := range l.References {
		if ref.From.Collection == collection && ref.Dangling != library.Report {
			names = append(names, ref.From.Name)
		}
	}
	for _, counter := range l.Counters {
		if counter.Field.Collection == collection && counter.Length != (library.Field{}) {
			names = append(append(names, counter.Field.Name), counter.Where.Fields()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
