package declare

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/library"
)

// What the application itself counted is right, and there is little of it: 5 albums, and 48 directories with one file
// each. Seen to fail while a guess needed numbers that differ and 10 bits.
func TestEachCounterThatIsRightInTheApplicationsLibraryIsNamed(t *testing.T) {
	l := declared(t, librarytest.UCoreFS)
	for fixture, rightOnes := range map[string]int{librarytest.Desktop: 0, librarytest.DesktopMaintained: 6} {
		docs := librarytest.Fixture(fixture)
		f := factsOf(docs, 200)
		f.Matches = matchesIn(docs, Queries(f.Samples))
		guesses, right := Counters(f), 0
		for _, want := range l.Counters {
			if !f.holds(want) {
				continue
			}
			right++
			if !slices.ContainsFunc(guesses, func(g Counter) bool { return g.says(want) }) {
				t.Errorf("%s: %s, %s is not named", fixture, want.Field, derivation{rule: want})
			}
		}
		if rightOnes > 0 && right != rightOnes {
			t.Errorf("%s: %d counters are right, want %d", fixture, right, rightOnes)
		}
		for _, g := range guesses {
			if !slices.ContainsFunc(l.Counters, g.says) {
				t.Errorf("%s: %s is no counter: %s where %v, %d of %d",
					fixture, g.Field, derivation{rule: g.Counter}, g.Where, g.Equal, g.Compared)
			}
		}
	}
}

// holds tells whether a declared counter is right in all sampled documents, and not 0 in all.
func (f Facts) holds(want library.Counter) bool {
	s := f.sample(want.Field.Collection)
	rules := f.derivations(s.Collection, References(f))
	i := slices.IndexFunc(rules, func(d derivation) bool {
		d.rule.Field, d.rule.Where = want.Field, want.Where
		return sameRule(d.rule, want)
	})
	if i < 0 {
		return false
	}
	fits := fit(selected(s.Docs, want.Where), want.Field, rules[i])
	return fits.Equal > 0 && fits.Equal == fits.Compared
}

// says tells whether a guess is the declared counter, or names it as one that fits as well. A condition is not seen
// where the other documents have 0.
func (c Counter) says(want library.Counter) bool {
	if len(c.Where) == 0 {
		want.Where = nil
	}
	also := want
	also.Where = c.Where
	return sameRule(c.Counter, want) || sameRule(also, want) && slices.Contains(c.Also, derivation{rule: want}.String())
}

// matchesIn is how many documents queries match, each a list of fields and the values that they have.
func matchesIn(docs librarytest.Docs, queries []Query) (all []Match) {
	for _, q := range queries {
		n := int64(0)
		for _, doc := range docs[q.In] {
			if has(doc, q.Filter) {
				n++
			}
		}
		all = append(all, Match{q, n})
	}
	return all
}

func has(doc, filter bson.Raw) bool {
	elements, _ := filter.Elements()
	return !slices.ContainsFunc(elements, func(e bson.RawElement) bool { return !doc.Lookup(e.Key()).Equal(e.Value()) })
}
