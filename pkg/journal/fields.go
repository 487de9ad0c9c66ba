package journal

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Field is how one top-level field differs between two documents. The zero RawValue stands for "no such field".
type Field struct {
	Name     string
	Old, New bson.RawValue
}

// Between are the fields that make from the very document to when they are set, or removed where New is zero. It is
// false where that cannot be: a field changes its place, is there twice, or has a name that an update would take for a
// path or an operator.
func Between(from, to bson.Raw) (fields []Field, ok bool) {
	is, err := from.Elements()
	will, err2 := to.Elements()
	if err != nil || err2 != nil || twice(is) || twice(will) {
		return nil, false
	}
	left := 0 // the elements of will that is has in the same order
	for _, e := range is {
		switch at := index(will, e.Key()); {
		case at < 0:
			fields = append(fields, Field{Name: e.Key(), Old: e.Value()})
		case at != left:
			return nil, false
		default:
			if string(will[at]) != string(e) {
				fields = append(fields, Field{e.Key(), e.Value(), will[at].Value()})
			}
			left++
		}
	}
	added := will[left:]
	if !slices.IsSortedFunc(added, byName) {
		return nil, false // a server adds fields in the order of their names
	}
	for _, e := range added {
		fields = append(fields, Field{Name: e.Key(), New: e.Value()})
	}
	odd := func(f Field) bool { return !IsPlain(f.Name) }
	return fields, !slices.ContainsFunc(fields, odd)
}

// IsPlain tells whether a filter and an update take a name for the field of that name: not for a path, nor for an
// operator.
func IsPlain(name string) bool {
	return name != "" && !strings.HasPrefix(name, "$") && !strings.ContainsAny(name, ".\x00")
}

func byName(a, b bson.RawElement) int { return strings.Compare(a.Key(), b.Key()) }

func index(elements []bson.RawElement, name string) int {
	return slices.IndexFunc(elements, func(e bson.RawElement) bool { return e.Key() == name })
}

// twice tells whether a name is there twice.
func twice(elements []bson.RawElement) bool {
	names := map[string]bool{}
	for _, e := range elements {
		if names[e.Key()] {
			return true
		}
		names[e.Key()] = true
	}
	return false
}
