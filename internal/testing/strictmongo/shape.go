package strictmongo

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Shape is a command's structure without its values, in one line, such as find {filter: {_id: {$in: [_]}}, limit: _}. Names of
// fields and of collections are values too, but for _id, operators, and the collections whose names begin with "maintenance_". What
// a driver adds to every command is left out; a read concern, a write concern and the transaction number of a retryable write stay.
func (c Command) Shape() string {
	var fields []string
	elements, _ := c.Body.Elements()
	for _, e := range elements[1:] {
		switch e.Key() {
		case "$db", "lsid", "$clusterTime", "$readPreference", "collection", "batchSize":
		default:
			fields = append(fields, e.Key()+": "+argument(e))
		}
	}
	slices.Sort(fields) // sequences of documents come in any order
	return fmt.Sprintf("%s %s{%s}", c.Name, place(c.Collection), strings.Join(fields, ", "))
}

func place(collection string) string {
	if strings.HasPrefix(collection, "maintenance_") {
		return collection + " "
	}
	return ""
}

// exact are the arguments whose values matter.
var exact = []string{"readConcern", "writeConcern", "sort", "ordered", "nameOnly", "authorizedCollections", "collation", "commitQuorum"}

func argument(e bson.RawElement) string {
	switch {
	case slices.Contains(exact, e.Key()):
		return literal(e.Value())
	case e.Key() == "documents":
		return "[_]"
	case e.Key() == "projection":
		return "fields"
	}
	return outline(e.Value())
}

// literal is a value as it is, but for names of fields and the length of a timeout.
func literal(v bson.RawValue) string {
	doc, ok := v.DocumentOK()
	if !ok {
		return v.String()
	}
	var fields []string
	elements, _ := doc.Elements()
	for _, e := range elements {
		value := literal(e.Value())
		if e.Key() == "wtimeout" {
			value = "_"
		}
		fields = append(fields, e.Key()+": "+value)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// outline is a value's structure: operators, and what is below them. Different elements of an array, and different fields of a
// document, are named once.
func outline(v bson.RawValue) string {
	switch v.Type {
	case bson.TypeArray:
		var all []string
		for _, item := range items(v) {
			all = append(all, outline(item))
		}
		return "[" + strings.Join(distinct(all), " | ") + "]"
	case bson.TypeEmbeddedDocument:
		var fields []string
		elements, _ := v.Document().Elements()
		for _, e := range elements {
			fields = append(fields, fieldName(e.Key())+": "+outline(e.Value()))
		}
		return "{" + strings.Join(distinct(fields), ", ") + "}"
	}
	return "_"
}

func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// known are the words of commands within their arguments.
var known = []string{"_id", "q", "u", "multi", "upsert", "limit", "key", "name", "unique", "expireAfterSeconds"}

func fieldName(name string) string {
	if strings.HasPrefix(name, "$") || slices.Contains(known, name) {
		return name
	}
	return "field"
}
