package library

import (
	"regexp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.yaml.in/yaml/v3"
)

// Reserved is what the names of maintenance's own collections begin with: no declaration may name one.
const Reserved = "maintenance_"

// check looks at how the parts of the declaration, each of which is right, go together.
func (r *reader) check() {
	r.checkDeletions()
	r.checkCounters()
	r.checkMirrors()
	r.checkOwners()
	r.checkExpiring()
	r.checkVectors()
	r.checkQueue()
}

// namePattern is what a library may be called: results and metrics carry the name.
var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (r *reader) checkLibraryName(at *yaml.Node) {
	if !namePattern.MatchString(r.l.Name) {
		r.fail(at, "library: %q: use at most 63 small letters, digits and hyphens", r.l.Name)
	}
}

// checkCollection looks at one collection, beside those that were read before.
func (r *reader) checkCollection(at *yaml.Node, c Collection) {
	if strings.HasPrefix(c.Name, Reserved) || strings.HasPrefix(c.Name, "system.") {
		r.fail(at, "%q: names that begin with %s or system. are not the library's", c.Name, Reserved)
	}
	if c.Name == "" || strings.ContainsAny(c.Name, "$\x00") {
		r.fail(at, "%q cannot be the name of a collection", c.Name)
	}
	r.checkNoun(at, c.Noun)
	for _, other := range r.l.Collections {
		if other.Noun == c.Noun {
			r.fail(at, "%s and %s both count as %q: give each its own noun", other.Name, c.Name, c.Noun)
		}
	}
}

func (r *reader) checkRecognize(at *yaml.Node) {
	for _, name := range slices.Concat(r.l.Recognize.Any, r.l.Recognize.Unique) {
		if name == "" || strings.HasPrefix(name, Reserved) {
			r.fail(at, "%q tells no library: name a collection of its own", name)
		}
	}
}

// checkDangling makes sure that what is declared can be done to such a field.
func (r *reader) checkDangling(at *yaml.Node, ref Reference) {
	switch {
	case ref.From == Field{}: // a mistake that is named already
	case ref.Dangling == Pull && !ref.From.List:
		r.fail(at, "%s: pull takes an element out of a list: write %s[], or clear, delete or report", ref.From, ref.From)
	case (ref.Dangling == Clear || ref.Dangling == Delete) && ref.From.List:
		r.fail(at, "%s holds a list: its elements can be pulled or reported", ref.From)
	case ref.From.Name == "_id" && ref.Dangling != Report:
		r.fail(at, "%s: an _id cannot be changed: use report", ref.From)
	}
}

// checkDeletions follows the deletions that one deletion leads to: none may come back to where it began.
func (r *reader) checkDeletions() {
	for i, ref := range r.l.References {
		if ref.Dangling == Delete && r.leadsTo(ref.From.Collection, ref.To, map[string]bool{}) {
			r.fail(r.referencesAt[i],
				"%s: delete comes back to where it began, since a deleted document of %s has documents of %s deleted: use clear "+
					"or report",
				ref.From, ref.From.Collection, strings.Join(ref.To, " or "))
		}
	}
}

// leadsTo tells whether the deletion of a document of one collection may have documents of others deleted.
func (r *reader) leadsTo(from string, to []string, seen map[string]bool) bool {
	if slices.Contains(to, from) {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, ref := range r.l.ReferencesTo(from) {
		if ref.Dangling == Delete && r.leadsTo(ref.From.Collection, to, seen) {
			return true
		}
	}
	return false
}

func (r *reader) checkCounters() {
	for i, c := range r.l.Counters {
		at, kinds := r.countersAt[i], 0
		for _, is := range []bool{len(c.Count) > 0, c.Sum != Field{}, c.Length != Field{}, c.Matching != Field{}} {
			if is {
				kinds++
			}
		}
		switch {
		case kinds != 1:
			r.fail(at, "%s: write exactly one of count, sum, length and matching", c.Field)
		case c.Field.List:
			r.fail(at, "%s: a counter is a number, not a list", c.Field)
		case c.Length != Field{}:
			r.checkOwnField(at, c, c.Length, "length", true)
		case c.Matching != Field{}:
			r.checkOwnField(at, c, c.Matching, "matching", false)
			if c.In == "" {
				r.fail(at, "%s: in is missing: name the collection that the query is about", c.Field)
			}
		default:
			r.checkSources(at, c)
		}
	}
}

// checkOwnField makes sure that a counter's field lies in the document that has the counter.
func (r *reader) checkOwnField(at *yaml.Node, c Counter, f Field, word string, list bool) {
	if f.Collection != c.Field.Collection || f.List != list {
		want := c.Field.Collection + "." + f.Name
		if list {
			want += "[]"
		}
		r.fail(at, "%s: %s is about a field of the same document: write %s", c.Field, word, want)
	}
	if len(c.Of) > 0 || c.Below != (Field{}) || c.By != (Field{}) {
		r.fail(at, "%s: of, below and by go with count and sum only", c.Field)
	}
}

// checkSources makes sure that what is counted or added up refers to the documents that have the counter.
func (r *reader) checkSources(at *yaml.Node, c Counter) {
	sources := c.Count
	if c.Sum != (Field{}) {
		sources = []Field{c.By}
		if c.By == (Field{}) {
			r.fail(at, "%s: by is missing: name the field that refers to %s", c.Field, c.Field.Collection)
			return
		}
		if c.Sum.Collection != c.By.Collection || c.Sum.List {
			r.fail(at, "%s: sum and by are fields of the same documents, and what is added up is a number", c.Field)
		}
	}
	for _, source := range sources {
		if !r.refers(source, c.Field.Collection) {
			r.fail(at, "%s: nothing to count: no reference is declared from %s to %s", c.Field, source, c.Field.Collection)
		}
	}
	if c.Below != (Field{}) && (c.Below.List || c.Below.Collection != c.Field.Collection ||
		!r.refers(c.Below, c.Field.Collection)) {
		r.fail(at, "%s: below names the reference by which documents of %s nest, such as %s.parent_id", c.Field,
			c.Field.Collection, c.Field.Collection)
	}
}

func (r *reader) refers(from Field, to string) bool {
	return slices.ContainsFunc(r.l.References, func(ref Reference) bool {
		return ref.From == from &&
			slices.Contains(ref.To, to)
	})
}

func (r *reader) checkMirrors() {
	for i, m := range r.l.Mirrors {
		if !m.Field.List || !m.Of.List || !r.refers(m.Field, m.Of.Collection) || !r.refers(m.Of, m.Field.Collection) {
			r.fail(r.mirrorsAt[i], "%s mirrors %s: both must be lists that are declared as references to each other's "+
				"collection", m.Field, m.Of)
		}
	}
}

func (r *reader) checkExpiring() {
	for i, x := range r.l.Expiring {
		at := r.expiringsAt[i]
		switch {
		case (x.Keep == "") == (x.Days == 0):
			r.fail(at, "%s: write either keep (a parameter) or days (a number)", x.Collection)
		case x.Keep != "" && x.Keep != KeepTasks && x.Keep != KeepJournal:
			r.fail(at, "%s: keep: %q is none of %s and %s", x.Collection, x.Keep, KeepTasks, KeepJournal)
		}
		if r.l.HoldsFiles(x.Collection) {
			r.fail(at, "%s are records of files: they go with their file, not by their age", x.Collection)
		}
	}
}

func (r *reader) checkVectors() {
	if r.l.Vectors != nil && r.l.Files == nil {
		r.fail(r.vectorsAt, "vectors are of files: add the section files, with the collection of their records")
	}
}

// checkQueue makes sure that a document of the queue is found there again: else each run adds it once more.
func (r *reader) checkQueue() {
	if r.l.Incomplete == nil {
		return
	}
	q := r.l.Incomplete.Queue
	raw, err := bson.Marshal(stored(q.Document))
	if err != nil || !q.Where.Matches(raw) {
		r.fail(r.incompleteAt, "queue: where does not match the document that is added, so that each run would add it "+
			"again: write both alike")
	}
}

// stored is a declared value as the driver takes it.
func stored(value any) any {
	switch v := value.(type) {
	case Document:
		d := bson.D{}
		for _, a := range v {
			d = append(d, bson.E{Key: a.Field, Value: stored(a.Value)})
		}
		return d
	case []any:
		list := bson.A{}
		for _, each := range v {
			list = append(list, stored(each))
		}
		return list
	}
	return value
}
