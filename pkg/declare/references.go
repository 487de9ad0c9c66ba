package declare

import (
	"slices"
)

// References are the guesses of which fields hold ids of which collections, in the order of the collections and fields.
func References(f Facts) (guesses []Reference) {
	for _, s := range f.Samples {
		p := placesOf(s)
		for _, at := range p.order {
			guess, ok := f.reference(at, p.values[at])
			guess.Values += p.others[at]
			if ok && !p.exceptional(guess) {
				guess.Sure = guess.Sure && guess.believable()
				guesses = append(guesses, guess)
			}
		}
	}
	return withoutRivals(guesses)
}

// exceptional tells whether single ids were found in a field that is meant for lists.
func (p places) exceptional(r Reference) bool {
	return p.lists[r.Place] >= len(p.values[r.Place]) || !r.List && plural(r.Path) && r.Values < fewDistinct
}

// believable tells whether a field of that name, with so many values that are ids, holds ids.
func (r Reference) believable() bool {
	_, hasSuffix := stem(r.Path)
	return r.Path != "_id" && (hasSuffix || 2*r.Hits >= r.Values && r.Hits >= fewDistinct)
}

// evidence is how many values of a place are ids of one collection.
type evidence struct {
	collection   string
	unique, weak int
	distinct     map[value]bool
}

func (e evidence) hits() int { return e.unique + e.weak }

// reference judges one place.
func (f Facts) reference(at Place, values []value) (Reference, bool) {
	guess := Reference{Place: at, Values: len(values)}
	var all []evidence
	for _, s := range f.Samples {
		if at.Path == "_id" && s.Collection == at.Collection {
			continue
		}
		if e := f.evidenceOf(s.Collection, values); e.hits() > 0 {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b evidence) int { return b.unique - a.unique })
	if len(all) > 0 && all[0].unique > 0 {
		f.byUniqueIDs(&guess, all, values)
		return guess, true
	}
	return guess, byNames(&guess, all)
}

func (f Facts) evidenceOf(collection string, values []value) evidence {
	e := evidence{collection: collection, distinct: map[value]bool{}}
	for _, v := range values {
		if !exists(f.Found[collection], v.id) {
			continue
		}
		e.distinct[v] = true
		if v.kind == unique {
			e.unique++
		} else {
			e.weak++
		}
	}
	return e
}

// byUniqueIDs is about a place with ids that nothing else has: wherever they are found, the place refers. A collection
// in which only one in twenty is found holds them by mistake.
func (f Facts) byUniqueIDs(guess *Reference, all []evidence, values []value) {
	for _, e := range all {
		if 20*e.unique >= all[0].unique && e.unique > 0 {
			guess.To = append(guess.To, e.collection)
		}
	}
	for _, v := range values {
		if slices.ContainsFunc(guess.To, func(to string) bool { return exists(f.Found[to], v.id) }) {
			guess.Hits++
		}
	}
	guess.Sure = true
}

// Numbers and texts that are equal to ids may be so by chance: enough of them must be, and the field's name must say
// so.
const (
	fewDistinct  = 3
	manyDistinct = 10
)

// byNames is about a place with numbers or texts only.
func byNames(guess *Reference, all []evidence) bool {
	_, hasSuffix := stem(guess.Path)
	var fit []evidence
	for _, e := range all {
		if 10*e.hits() >= 9*guess.Values && guess.Path != "_id" {
			fit = append(fit, e)
		}
	}
	for _, e := range fit {
		if e.isNamed(guess.Path) && len(e.distinct) >= fewDistinct {
			guess.To, guess.Hits, guess.Sure = []string{e.collection}, e.hits(), true
			return true
		}
	}
	if len(fit) != 1 || len(fit[0].distinct) < fewDistinct || !hasSuffix && !wordsOnly(fit[0]) {
		return false
	}
	guess.To, guess.Hits = []string{fit[0].collection}, fit[0].hits()
	return true
}

// isNamed tells whether a field's name speaks of the collection. Of numbers it has to say more than that: order_count
// is about orders, and no id of one.
func (e evidence) isNamed(field string) bool {
	name, hasSuffix := stem(field)
	return alike(field, e.collection) && (hasSuffix || !e.holdsNumbers() || plain(name) == plain(e.collection))
}

func (e evidence) holdsNumbers() bool {
	for v := range e.distinct {
		if v.kind == number {
			return true
		}
	}
	return false
}

// wordsOnly tells whether many different texts, and no numbers, are ids.
func wordsOnly(e evidence) bool {
	return len(e.distinct) >= manyDistinct && !e.holdsNumbers()
}

// withoutRivals leaves one of two guesses about a field that holds lists in some documents and single ids in others.
func withoutRivals(guesses []Reference) []Reference {
	all := slices.Clone(guesses)
	return slices.DeleteFunc(guesses, func(a Reference) bool {
		return slices.ContainsFunc(all, func(b Reference) bool {
			return a.Collection == b.Collection && a.Path == b.Path && a.List != b.List && !a.Keys && !b.Keys &&
				(a.Hits < b.Hits || a.Hits == b.Hits && b.List)
		})
	})
}
