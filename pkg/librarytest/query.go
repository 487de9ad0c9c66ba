package librarytest

import (
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// This is as much of MongoDB's query language as generated smart albums use: equality, regular expressions, $gte, $lt, $in
// and $regex, all on fields that hold no arrays.

var operators = map[string]func(have, want any) bool{
	"$gte":   func(have, want any) bool { return ordered(have, want) && !less(have, want) },
	"$lt":    less,
	"$in":    func(have, want any) bool { return holds(want, have) },
	"$regex": func(have, want any) bool { return matchesPattern(have, want.(string)) },
}

// valid tells whether every operator in q is one that a server knows.
func valid(q bson.D) bool {
	for _, e := range q {
		condition, ok := e.Value.(bson.D)
		if !ok {
			continue
		}
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
	return Equal(have, want)
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
