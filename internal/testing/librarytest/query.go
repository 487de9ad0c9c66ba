package librarytest

import (
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// This is as much of MongoDB's query language as generated smart albums use: equality, and for servers that can store
// them regular expressions, $gte, $lt, $in and $regex, all on top-level fields.

var operators = map[string]func(have, want any) bool{
	"$gte":   func(have, want any) bool { return ordered(have, want) && !less(have, want) },
	"$lt":    less,
	"$in":    isOneOf,
	"$regex": func(have, want any) bool { return matchesPattern(have, want.(string)) },
}

// countMatching is how many documents a query finds, and whether it is a query that can be judged here.
func countMatching(docs []bson.Raw, query bson.RawValue) (n int64, ok bool) {
	raw, ok := query.DocumentOK()
	if !ok {
		return 0, false
	}
	q := decode(raw)
	if !judged(q) {
		return 0, false
	}
	for _, doc := range docs {
		if matches(selected(doc, q), q) {
			n++
		}
	}
	return n, true
}

// selected is the fields of a document that a query asks for.
func selected(doc bson.Raw, q bson.D) bson.D {
	fields := bson.D{}
	for _, e := range q {
		var v any
		if held := doc.Lookup(e.Key); held.Type != 0 && held.Unmarshal(&v) == nil {
			fields = append(fields, bson.E{Key: e.Key, Value: v})
		}
	}
	return fields
}

func decode(raw bson.Raw) bson.D {
	var d bson.D
	if err := bson.Unmarshal(raw, &d); err != nil {
		return bson.D{}
	}
	return d
}

// judged tells whether q has only top-level fields and known operators; a whole sub-document as a value is not judged.
func judged(q bson.D) bool {
	for _, e := range q {
		if strings.HasPrefix(e.Key, "$") || strings.Contains(e.Key, ".") {
			return false
		}
		condition, _ := e.Value.(bson.D)
		for _, op := range condition {
			if operators[op.Key] == nil {
				return false
			}
		}
	}
	return true
}

func matches(doc, q bson.D) bool {
	for _, e := range q {
		if !satisfies(value(doc, e.Key), e.Value) {
			return false
		}
	}
	return true
}

func satisfies(have, want any) bool {
	switch w := want.(type) {
	case bson.Regex:
		pattern := w.Pattern
		if w.Options != "" {
			pattern = "(?" + w.Options + ")" + pattern
		}
		return matchesPattern(have, pattern)
	case bson.D:
		for _, op := range w {
			if !operators[op.Key](have, op.Value) {
				return false
			}
		}
		return true
	}
	return equals(have, want)
}

// equals is MongoDB's equality of a field with a value: an array also equals each of its elements, and null also a
// field that is missing.
func equals(have, want any) bool {
	if _, missing := have.(absent); missing {
		return want == nil
	}
	if KeyOf(have) == KeyOf(want) {
		return true
	}
	list, _ := have.(bson.A)
	for _, v := range list {
		if KeyOf(v) == KeyOf(want) {
			return true
		}
	}
	return false
}

func isOneOf(have, want any) bool {
	list, _ := want.(bson.A)
	for _, v := range list {
		if equals(have, v) {
			return true
		}
	}
	return false
}

func matchesPattern(have any, pattern string) bool {
	s, ok := have.(string)
	return ok && regexp.MustCompile(pattern).MatchString(s)
}

// ordered tells whether two values are of kinds that MongoDB orders against each other.
func ordered(a, b any) bool {
	_, x := number(a)
	_, y := number(b)
	_, s := a.(bson.DateTime)
	_, t := b.(bson.DateTime)
	return x && y || s && t
}

func less(a, b any) bool {
	if !ordered(a, b) {
		return false
	}
	if s, ok := a.(bson.DateTime); ok {
		return s < b.(bson.DateTime)
	}
	x, _ := number(a)
	y, _ := number(b)
	return x < y
}
