// Package declare guesses the declaration of a library that nobody has described, and finds references that a
// declaration does not name.
//
// Gather and Undeclared read: a sample of each collection, which of the ids in it exist, and, for counters, each
// collection that refers. All else is pure: facts in, guesses out, each with its evidence. A guess is no decision:
// every guessed reference is only reported when it leads nowhere, and nothing that works on a library may call this
// package to find out what to do. A task may warn of what it finds.
package declare

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// Sample is some documents of a collection.
type Sample struct {
	Collection string
	Estimate   int64 // about how many documents the collection has
	Docs       []bson.Raw
	kinds      []kind // of the documents' own ids; nil: those of Docs
}

// Facts are what was read of a database.
type Facts struct {
	Database string
	Samples  []Sample
	// Found are the ids, of those that some sampled document holds, that have a document: by collection.
	Found map[string]*bsonvalue.IDSet
	// Tallies are what refers to the sampled documents, and Matches how many documents stored queries match. Without
	// them no counter is guessed.
	Tallies []*Tally
	Matches []Match
}

// Reference is a guess that a field holds ids.
type Reference struct {
	Place
	To []string
	// Values are the sampled values, and Hits those that are ids of documents of To.
	Values, Hits int
	Sure         bool
}

// Counter is a guess that a number is derived from other fields.
type Counter struct {
	library.Counter
	// Equal are the sampled documents whose number is right, of Compared ones where it is not 0 on both sides.
	Equal, Compared int
	Sure            bool
	// Also are other derivations that fit as well.
	Also []string
}

// Place is where values are in the documents of a collection.
type Place struct {
	Collection string
	// Path is the field's name; with dots, and [] for the elements of lists, where it is inside another.
	Path string
	// List tells that the values are the elements of the field, Keys that they are the keys of it.
	List, Keys bool
}

// Nested tells whether the values are not where a declaration can name them: in a field at the top, or in its elements.
func (p Place) Nested() bool { return p.Keys || !declarable(p.Path) }

// Field is the place as a declaration names it.
func (p Place) Field() library.Field {
	return library.Field{Collection: p.Collection, Name: p.Path, List: p.List}
}

func (p Place) String() string {
	text := p.Collection + "." + p.Path
	switch {
	case p.Keys:
		return "the keys of " + text
	case p.List:
		return text + "[]"
	}
	return text
}
