package strictmongo

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Shapes are a command's structure without its values, a line each, such as find {filter: {_id: {$in: _}}, limit: _};
// each kind of operation in a bulk has one of its own. Names of fields and of collections are values too, but for _id,
// operators, and the collections whose names begin with "maintenance_". What a driver adds to a command by itself is
// left out.
func (c Command) Shapes() []string {
	list := map[string]string{"update": "updates", "delete": "deletes"}[c.Name]
	if list == "" {
		return []string{c.shape("", bson.RawValue{})}
	}
	var all []string
	for _, op := range items(c.Body.Lookup(list)) {
		all = append(all, c.shape(list, op))
	}
	return distinct(all)
}

// shape is the command with one of the operations in its list.
func (c Command) shape(list string, op bson.RawValue) string {
	var fields []string
	elements, _ := c.Body.Elements()
	for _, e := range elements[1:] {
		switch e.Key() {
		case "$db", "lsid", "$clusterTime", "$readPreference", "collection", "batchSize", "txnNumber", "maxTimeMS", "cursor",
			list:
		default:
			fields = append(fields, e.Key()+": "+argument(e.Key(), e.Value()))
		}
	}
	if list != "" {
		fields = append(fields, operation(op.Document()))
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

// operation is one of a bulk.
func operation(op bson.Raw) string {
	var fields []string
	elements, _ := op.Elements()
	for _, e := range elements {
		fields = append(fields, e.Key()+": "+argument(e.Key(), e.Value()))
	}
	slices.Sort(fields)
	return strings.Join(fields, ", ")
}

// exact are the arguments whose values matter.
var exact = []string{
	"readConcern", "writeConcern", "sort", "ordered", "nameOnly", "authorizedCollections", "collation", "commitQuorum",
	"multi", "upsert", "limit",
}

func argument(name string, v bson.RawValue) string {
	switch {
	case slices.Contains(exact, name) && !(name == "limit" && v.AsInt64() > 1):
		return literal(v)
	case name == "documents":
		return "[documents]"
	case name == "projection":
		return "fields"
	case name == "pipeline":
		return pipeline(v)
	case name == "indexes":
		return indexes(v)
	case name == "u":
		return modification(v.Document())
	case name == "q" || name == "filter" || name == "query":
		return conditions(v.Document())
	}
	return "_"
}

// literal is a value as it is, but for the length of a timeout and the names of fields to sort by.
func literal(v bson.RawValue) string {
	doc, ok := v.DocumentOK()
	if !ok {
		var value any
		_ = v.Unmarshal(&value)
		return fmt.Sprint(value)
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

// pipeline names the stages. What $match is given is a query of the library's own.
func pipeline(v bson.RawValue) string {
	var stages []string
	for _, stage := range items(v) {
		stages = append(stages, stage.Document().Index(0).Key())
	}
	return "[" + strings.Join(stages, ", ") + "]"
}

// indexes names the options of the indexes to create.
func indexes(v bson.RawValue) string {
	var all []string
	for _, spec := range items(v) {
		elements, _ := spec.Document().Elements()
		for _, e := range elements {
			all = append(all, e.Key())
		}
	}
	return "[{" + strings.Join(distinct(all), ", ") + "}]"
}

func modification(u bson.Raw) string {
	first, err := u.IndexErr(0)
	if err != nil || !strings.HasPrefix(first.Key(), "$") {
		return "document"
	}
	var operators []string
	elements, _ := u.Elements()
	for _, e := range elements {
		operators = append(operators, e.Key()+": fields")
	}
	return "{" + strings.Join(operators, ", ") + "}"
}

// conditions are those on documents; those on several fields count once where they are alike.
func conditions(filter bson.Raw) string {
	var all []string
	elements, _ := filter.Elements()
	for _, e := range elements {
		switch key := e.Key(); {
		case key == "$and" || key == "$or" || key == "$nor":
			var either []string
			for _, item := range items(e.Value()) {
				either = append(either, conditions(item.Document()))
			}
			all = append(all, key+": ["+strings.Join(distinct(either), " | ")+"]")
		case key == "_id" || strings.HasPrefix(key, "$"):
			all = append(all, key+": "+condition(e.Value()))
		default:
			all = append(all, "field: "+condition(e.Value()))
		}
	}
	return "{" + strings.Join(distinct(all), ", ") + "}"
}

// condition names the operators on one field. The four by which a field is the same as before are one: a value that is
// no array, an array, null by its type, nothing.
func condition(v bson.RawValue) string {
	if !isExpression(v) {
		return "_"
	}
	var operators []string
	elements, _ := v.Document().Elements()
	for _, e := range elements {
		operator := e.Key()
		if operator == "$not" {
			operator += " " + condition(e.Value())
		}
		operators = append(operators, operator)
	}
	switch text := strings.Join(operators, ", "); text {
	case "$eq", "$eq, $not {$type}", "$exists", "$type, $not {$type}":
		return "same"
	default:
		return "{" + text + "}"
	}
}

func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}
