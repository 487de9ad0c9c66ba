package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// change is what leads from a document that a run left back to the document as it was, by the positions of the
// top-level elements: a field that was there keeps its position when it is set, and a new one comes behind all others.
type change struct {
	// Length is how many elements the document had; those behind were added by the run.
	Length int32     `bson:"length"`
	Fields []changed `bson:"fields"`
}

// changed is a field that the run set.
type changed struct {
	At int32 `bson:"at"`
	// Value is the field's value as it was; a list that became another list is kept as Pieces.
	Value  bson.RawValue `bson:"value,omitempty"`
	Pieces []piece       `bson:"pieces,omitempty"`
}

// piece is a stretch of a list as it was: Count elements of the list as the run left it, beginning at From, then
// Values, which the run took out.
type piece struct {
	From   int32           `bson:"from"`
	Count  int32           `bson:"count"`
	Values []bson.RawValue `bson:"values,omitempty"`
}

// changeBack is false where the two documents do not differ as $set makes them differ.
func changeBack(before, after bson.Raw) (data []byte, ok bool) {
	was, err := before.Elements()
	is, err2 := after.Elements()
	if err != nil || err2 != nil || len(is) < len(was) {
		return nil, false
	}
	c := change{Length: int32(len(was))}
	for i, old := range was {
		if string(old) == string(is[i]) {
			continue
		}
		if old.Key() != is[i].Key() {
			return nil, false
		}
		c.Fields = append(c.Fields, changedField(int32(i), old.Value(), is[i].Value()))
	}
	data, err = bson.Marshal(c)
	return data, err == nil
}

func changedField(at int32, was, is bson.RawValue) changed {
	before, isList := elements(was)
	after, stillList := elements(is)
	if isList && stillList {
		if pieces := piecesBack(before, after); len(pieces) > 0 {
			return changed{At: at, Pieces: pieces}
		}
	}
	return changed{At: at, Value: was}
}

func elements(v bson.RawValue) (list []bson.RawValue, isList bool) {
	array, ok := v.ArrayOK()
	if !ok {
		return nil, false
	}
	list, err := array.Values()
	return list, err == nil
}

// piecesBack follows both lists: what they have in common at the same turn is kept, all else of before was taken out.
func piecesBack(before, after []bson.RawValue) (pieces []piece) {
	at := 0
	for i := 0; i < len(before); {
		p := piece{From: int32(at)}
		for ; i < len(before) && at < len(after) && before[i].Equal(after[at]); i++ {
			at++
			p.Count++
		}
		for ; i < len(before) && (at == len(after) || !before[i].Equal(after[at])); i++ {
			p.Values = append(p.Values, before[i])
		}
		pieces = append(pieces, p)
	}
	return pieces
}

// applyBack is the document as it was.
func applyBack(data []byte, after bson.Raw) (bson.Raw, error) {
	var c change
	if err := bson.Unmarshal(data, &c); err != nil {
		return nil, err
	}
	is, err := after.Elements()
	if err != nil {
		return nil, err
	}
	if int(c.Length) < 0 || int(c.Length) > len(is) {
		return nil, errors.New("the document has too few fields")
	}
	was := is[:c.Length]
	for _, f := range c.Fields {
		if f.At < 0 || f.At >= c.Length {
			return nil, fmt.Errorf("there is no field %d", f.At)
		}
		if was[f.At], err = f.back(was[f.At]); err != nil {
			return nil, err
		}
	}
	return document(was), nil
}

// back is the field as it was.
func (f changed) back(is bson.RawElement) (bson.RawElement, error) {
	value := f.Value
	if len(f.Pieces) > 0 {
		list, isList := elements(is.Value())
		if !isList {
			return nil, fmt.Errorf("%q is no list", is.Key())
		}
		var err error
		if value, err = join(f.Pieces, list); err != nil {
			return nil, err
		}
	}
	return element(is.Key(), value), nil
}

// join puts a list together.
func join(pieces []piece, after []bson.RawValue) (list bson.RawValue, err error) {
	var parts []bson.RawElement
	add := func(v bson.RawValue) { parts = append(parts, element(strconv.Itoa(len(parts)), v)) }
	for _, p := range pieces {
		if p.From < 0 || p.Count < 0 || int(p.From)+int(p.Count) > len(after) {
			return list, errors.New("the list is too short")
		}
		for _, v := range after[p.From : p.From+p.Count] {
			add(v)
		}
		for _, v := range p.Values {
			add(v)
		}
	}
	return bson.RawValue{Type: bson.TypeArray, Value: document(parts)}, nil
}

func element(key string, v bson.RawValue) bson.RawElement {
	e := append([]byte{byte(v.Type)}, key...)
	return append(append(e, 0), v.Value...)
}

// document is a BSON document, or an array's bytes, with these elements.
func document(elements []bson.RawElement) bson.Raw {
	size := 5
	for _, e := range elements {
		size += len(e)
	}
	doc := binary.LittleEndian.AppendUint32(make([]byte, 0, size), uint32(size))
	for _, e := range elements {
		doc = append(doc, e...)
	}
	return append(doc, 0)
}
