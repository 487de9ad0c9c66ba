package declare

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// Limits of what is looked at in one document: a list may hold a million ids.
const (
	maxDepth    = 4
	maxElements = 200
)

// value is a sampled value that might be an id.
type value struct {
	id   bsonvalue.ID
	kind kind
}

// places are the places of a sample that hold values, in the order in which they were met.
type places struct {
	order  []Place
	values map[Place][]value
	lists  map[Place]int // how often there is a list where a single value might be
	others map[Place]int // values that are no ids
}

func placesOf(s Sample) places {
	p := places{values: map[Place][]value{}, lists: map[Place]int{}, others: map[Place]int{}}
	for _, doc := range s.Docs {
		p.document(Place{Collection: s.Collection}, doc, 0)
	}
	return p
}

func (p *places) document(at Place, doc bson.Raw, depth int) {
	elements, err := doc.Elements()
	if err != nil || depth > maxDepth {
		return
	}
	for _, e := range elements {
		inside := at
		inside.Path = strings.TrimPrefix(at.Path+"."+e.Key(), ".")
		if at.Path != "" && kindOfText(e.Key()) == unique { // a map from ids: each of its keys would be a place
			keys := Place{Collection: at.Collection, Path: at.Path, Keys: true}
			p.add(keys, value{bsonvalue.Text(e.Key()), unique})
			inside.Path = at.Path + ".*"
		}
		p.visit(inside, e.Value(), depth)
	}
}

func (p *places) visit(at Place, v bson.RawValue, depth int) {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		p.document(at, v.Document(), depth+1)
	case bson.TypeArray:
		p.list(at, v.Array(), depth)
	case bson.TypeNull, bson.TypeUndefined:
	default:
		p.scalar(at, v)
	}
}

func (p *places) scalar(at Place, v bson.RawValue) {
	text, isText := v.StringValueOK()
	switch k := kindOf(v); {
	case k != noID:
		p.add(at, value{bsonvalue.Of(v), k})
	case !isText || text != "": // an empty text is as good as null
		p.others[at]++
	}
}

func (p *places) list(at Place, array bson.RawArray, depth int) {
	values, err := array.Values()
	if err != nil {
		return
	}
	p.lists[at]++
	for _, v := range values[:min(len(values), maxElements)] {
		inside := at
		if v.Type == bson.TypeEmbeddedDocument || v.Type == bson.TypeArray {
			inside.Path += "[]"
			p.visit(inside, v, depth+1)
			continue
		}
		inside.List = true
		p.visit(inside, v, depth+1)
	}
}

func (p *places) add(at Place, v value) {
	if _, seen := p.values[at]; !seen {
		p.order = append(p.order, at)
	}
	p.values[at] = append(p.values[at], v)
}

// declarable tells whether a declaration can name a field.
func declarable(name string) bool { return name != "" && !strings.ContainsAny(name, ".[]$\x00") }

// Ask are, for each sampled collection, the ids that some document of the sample holds and that the collection might
// have. Of numbers and texts only those are asked for that are stored like an id of the collection.
func Ask(samples []Sample) map[string][]bsonvalue.ID {
	return ask(samples, func(field, _ string) bool { return field != "_id" })
}

// ask is Ask that looks up a number or a text only where its field may refer to the collection by it.
func ask(samples []Sample, mayRefer func(field, collection string) bool) map[string][]bsonvalue.ID {
	var all []places
	for _, s := range samples {
		all = append(all, placesOf(s))
	}
	asked := map[string][]bsonvalue.ID{}
	for _, s := range samples {
		ids, kinds := &bsonvalue.IDSet{}, s.kindsOfIDs()
		for _, p := range all {
			for at, values := range p.values {
				addForms(ids, values, kinds, mayRefer(at.Path, s.Collection))
			}
		}
		asked[s.Collection] = slices.Collect(ids.All())
	}
	return asked
}

// addForms adds the values of these kinds, in each form; numbers and texts only if weak ones are wanted.
func addForms(ids *bsonvalue.IDSet, values []value, kinds []kind, weak bool) {
	for _, v := range values {
		if !slices.Contains(kinds, v.kind) || v.kind != unique && !weak {
			continue
		}
		for _, form := range forms(v.id) {
			ids.Add(form)
		}
	}
}

// kindsOfIDs are the kinds of the sampled documents' own ids.
func (s Sample) kindsOfIDs() (kinds []kind) {
	if s.kinds != nil {
		return s.kinds
	}
	for _, doc := range s.Docs {
		if k := kindOf(doc.Lookup("_id")); k != noID && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}
