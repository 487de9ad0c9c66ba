package declare

import (
	"math"
	"regexp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// Counters are the guesses of which numbers are derived from other fields.
func Counters(f Facts) (guesses []Counter) {
	refs := References(f)
	for _, s := range f.Samples {
		rules := f.derivations(s.Collection, refs)
		for _, name := range fieldsOf(s, isNumber) {
			field := library.Field{Collection: s.Collection, Name: name}
			if !slices.ContainsFunc(refs, func(r Reference) bool { return r.Field() == field }) {
				guesses = append(guesses, countersOf(s, field, rules)...)
			}
		}
	}
	return guesses
}

// countersOf is the one rule that fits a number of all documents, or those that fit the documents with a flag and those
// without.
func countersOf(s Sample, field library.Field, rules []derivation) []Counter {
	all := best(s.Docs, field, rules)
	var parts []guess
	for _, flag := range fieldsOf(s, isFlag) {
		if found := byFlag(s, field, flag, rules); equal(found) > equal(parts) {
			parts = found
		}
	}
	surer := !all.believable() || slices.ContainsFunc(parts, guess.believable)
	switch {
	case len(parts) > 0 && surer && all.share() < minShare(parts):
		return counters(parts...)
	case all.believable() || all.possible():
		return counters(all)
	}
	return nil
}

func counters(guesses ...guess) (all []Counter) {
	for _, g := range guesses {
		all = append(all, g.Counter)
	}
	return all
}

// byFlag are the rules that fit the documents with a flag and those without. One that fits the others as well needs no
// condition.
func byFlag(s Sample, field library.Field, flag string, rules []derivation) (found []guess) {
	with := library.Where{{Field: flag, Values: []any{true}}}
	without := library.Where{{Field: flag, Not: true}}
	for _, sides := range [][2]library.Where{{with, without}, {without, with}} {
		own, other := selected(s.Docs, sides[0]), selected(s.Docs, sides[1])
		guess := best(own, field, rules)
		if len(guess.rules) == 0 || !guess.believable() && !guess.possible() {
			continue
		}
		elsewhere := fit(other, field, guess.rules[0])
		if elsewhere.Compared > 0 && 5*elsewhere.Equal <= elsewhere.Compared {
			guess.Where = sides[0]
			found = append(found, guess)
		}
	}
	return found
}

func selected(docs []bson.Raw, where library.Where) (some []bson.Raw) {
	for _, doc := range docs {
		if where.Matches(doc) {
			some = append(some, doc)
		}
	}
	return some
}

// guess is a Counter with how much speaks for it.
type guess struct {
	Counter
	bits     float64 // how unlikely it is that the numbers agree by chance
	distinct int
	rules    []derivation // that give the same
}

// best is the rule that is right for the largest share of docs.
func best(docs []bson.Raw, field library.Field, rules []derivation) (winner guess) {
	for _, rule := range rules {
		g := fit(docs, field, rule)
		switch {
		case g.Equal == 0 || len(rule.rule.Count) == 2 && g.share() < winner.share()+pairMargin:
		case g.share() > winner.share():
			winner = g
		case g.share() == winner.share() && g.Equal == winner.Equal:
			winner.rules = append(winner.rules, rule)
			// A condition or a sum gives the same by chance: all have the flag, or the number is 1.
			if len(rule.rule.Of) == 0 && rule.rule.Sum == (library.Field{}) {
				winner.Also = append(winner.Also, rule.String())
			}
		}
	}
	winner.Sure = winner.share() >= 0.8 && winner.Equal >= 5 && winner.distinct >= 3 && winner.bits >= 2*fewBits
	return winner
}

// fit compares a number with what a rule says it should be.
func fit(docs []bson.Raw, field library.Field, rule derivation) guess {
	g := guess{Counter: Counter{Counter: rule.rule}, rules: []derivation{rule}}
	g.Field = field
	values := map[bsonvalue.Value]bool{}
	for _, doc := range docs {
		stored, isNumber := whole(doc.Lookup(field.Name))
		want, known := rule.value(doc)
		switch {
		case !isNumber, known && stored == 0 && want == 0, rule.unknown != nil && rule.unknown(doc):
			continue
		case known && stored == want:
			g.Equal++
			g.bits += math.Log2(1 + math.Abs(float64(stored)))
			values[bsonvalue.Int(stored)] = true
		}
		g.Compared++
	}
	g.distinct = len(values)
	return g
}

func (g guess) share() float64 { return g.Counter.share() }

func (c Counter) share() float64 {
	if c.Compared == 0 {
		return 0
	}
	return float64(c.Equal) / float64(c.Compared)
}

// fewBits are not many: a rating from 1 to 5 agrees with the length of some list now and then. pairMargin is by how
// much a sum of two counts must be better than one.
const (
	fewBits    = 10
	pairMargin = 0.1
)

// believable tells whether the guess is worth a line: few documents that agree well, or many that often do.
func (g guess) believable() bool {
	return g.bits >= fewBits && (g.share() >= 0.8 && g.distinct >= 2 || g.share() >= 0.5 && g.Equal >= 10 &&
		g.distinct >= 5)
}

// fewEqual is how many documents must agree, all of them, for a number that few of them have to be named.
const fewEqual = 4

// possible tells whether the guess is worth a line that says nothing by itself: every document agrees, but they are
// few, or have all the same number. Then the field's name must speak of a count. A query that a document stores is
// meant to be counted, so that one is enough.
func (g guess) possible() bool {
	enough := g.Equal >= fewEqual || g.Equal > 0 && g.Matching.Name != ""
	return enough && g.share() == 1 && (g.distinct >= 2 || countLike.MatchString(g.Field.Name))
}

// countLike is what the names of counters hold.
var countLike = regexp.MustCompile(`(?i)count|total|number|num_|size|length|amount`)

func equal(guesses []guess) (n int) {
	for _, g := range guesses {
		n += g.Equal
	}
	return n
}

func minShare(guesses []guess) float64 {
	share := 1.0
	for _, g := range guesses {
		share = min(share, g.share())
	}
	return share
}
