package admin

import (
	"fmt"
	"slices"
	"strings"
)

// Ascending is an index over fields in ascending order, special in no other way, as the server would list it.
func Ascending(name string, fields []string, unique bool) Index {
	i := Index{Name: name, Unique: unique}
	for _, field := range fields {
		i.Keys = append(i.Keys, IndexKey{Field: field, Order: "1"})
	}
	return i
}

// In tells whether an index is there, whatever it is called; one that is unique as well serves the same look-ups. Why
// says, where it is not and cannot be, what is in its place.
func (i Index) In(have []Index) (found bool, why string) {
	for _, other := range have {
		switch {
		case !other.Concerns(i):
		case slices.Equal(other.Keys, i.Keys) && len(other.Options) == 0 && (other.Unique || !i.Unique):
			return true, ""
		default:
			why = fmt.Sprintf("%s should be %s, but the server has %s %s", i.Name, i.describe(), other.Name, other.describe())
		}
	}
	return false, why
}

// Concerns tells whether an index has the name or the fields of another.
func (i Index) Concerns(other Index) bool {
	return i.Name == other.Name || slices.Equal(i.Keys, other.Keys)
}

// describe is what an index is, without its name, for a person.
func (i Index) describe() string {
	var keys []string
	for _, key := range i.Keys {
		text := key.Field
		if key.Order != "1" {
			text += " (" + key.Order + ")"
		}
		keys = append(keys, text)
	}
	text := "over " + strings.Join(keys, ", ")
	if i.Unique {
		text += ", unique"
	}
	return strings.Join(append([]string{text}, i.Options...), ", ")
}
