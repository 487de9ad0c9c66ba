package library

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// column is a field, whether it holds a list or not.
type column struct{ collection, name string }

// claim is one part of the declaration that writes a field, or that rests on what stands in it.
type claim struct {
	column
	kind  claimKind
	what  string // as an error names it
	at    *yaml.Node
	where Where // of a counter
	list  bool  // of a reference
}

type claimKind int

const (
	writes     claimKind = iota // a file's type, or what an incomplete record gets
	counts                      // a counter
	mirrors                     // a list that follows another
	refers                      // a reference
	restsOn                     // somebody decides by the value: a path, a stored query, what is added up, a time
	restsOnAny                  // somebody decides by it, whoever wrote it: the length of a list, a condition
)

// getAlong tells whether two claims on one field make sense together. Where one part writes what another rests on, or
// two write, the end depends on which task ran last.
func (c claim) getAlong(o claim) bool {
	either := func(a, b claimKind) bool { return c.kind == a && o.kind == b || c.kind == b && o.kind == a }
	switch {
	case c.kind >= restsOn && o.kind >= restsOn:
		return true
	case c.kind == counts && o.kind == counts:
		return c.where.excludes(o.where)
	}
	return either(mirrors, refers) || either(mirrors, restsOnAny) || either(refers, restsOnAny)
}

// checkOwners makes sure that no two parts of the declaration write the same field, and that none writes what another
// rests on.
func (r *reader) checkOwners() {
	claimed := map[column][]claim{}
	for _, c := range r.claims() {
		if c.name == "_id" && c.kind < refers {
			r.fail(c.at, "%s._id cannot be written: it is %s", c.collection, c.what)
		}
		for _, other := range claimed[c.column] {
			if !c.getAlong(other) {
				r.fail(c.at, "%s.%s has two owners: %s", c.collection, c.name, conflict(c, other))
				break
			}
		}
		claimed[c.column] = append(claimed[c.column], c)
	}
	for i, m := range r.l.Mirrors {
		if at := (column{m.Of.Collection, m.Of.Name}); hasKind(claimed[at], mirrors) {
			r.fail(r.mirrorsAt[i], "%s mirrors %s, which is a mirror itself: one of two lists must be the one that is right",
				m.Field, m.Of)
		}
	}
}

func hasKind(list []claim, kind claimKind) bool {
	for _, c := range list {
		if c.kind == kind {
			return true
		}
	}
	return false
}

// conflict says what the two are, and what to write where that is known.
func conflict(c, other claim) string {
	switch {
	case c.kind == counts && other.kind == counts:
		return "two counters of one field need conditions that exclude each other, " +
			"such as where: {is_smart: true} and where: {is_smart: {not: true}}"
	case c.kind == refers && other.kind == refers && c.list == other.list:
		return "name all collections in one reference, to: [a, b]"
	case c.kind == refers && other.kind == refers:
		return "it holds either a list, written with [], or one id"
	}
	return fmt.Sprintf("it is %s and %s", other.what, c.what)
}

// claims are all of the declaration, in its order.
func (r *reader) claims() (all []claim) {
	add := func(kind claimKind, at *yaml.Node, collection, name, what string) *claim {
		all = append(all, claim{column: column{collection, name}, kind: kind, what: what, at: at})
		return &all[len(all)-1]
	}
	conditions := func(at *yaml.Node, collection string, w Where, what string) {
		for _, name := range w.Fields() {
			add(restsOnAny, at, collection, name, what)
		}
	}
	for i, ref := range r.l.References {
		add(refers, r.referencesAt[i], ref.From.Collection, ref.From.Name, "a reference").list = ref.From.List
	}
	if f := r.l.Files; f != nil {
		add(restsOn, r.filesAt, f.Collection, f.Path, "the path of a file")
		conditions(r.filesAt, f.Collection, f.Without, "what says that a record has no file")
		if f.Roots != nil {
			add(restsOn, r.filesAt, f.Roots.Collection, f.Roots.Path, "the path of a root")
		}
	}
	for i, x := range r.l.Expiring {
		add(restsOn, r.expiringsAt[i], x.Collection, x.Since, "the time by which documents expire")
	}
	for i, m := range r.l.Mirrors {
		add(mirrors, r.mirrorsAt[i], m.Field.Collection, m.Field.Name, "a mirror")
	}
	for i, c := range r.l.Counters {
		at := r.countersAt[i]
		for field, kind := range map[Field]claimKind{c.Sum: restsOn, c.Matching: restsOn, c.Length: restsOnAny} {
			if field != (Field{}) {
				add(kind, at, field.Collection, field.Name, "what "+c.Field.String()+" is counted from")
			}
		}
		conditions(at, c.Field.Collection, c.Where, "the condition of "+c.Field.String())
		add(counts, at, c.Field.Collection, c.Field.Name, "a counter").where = c.Where
	}
	if t := r.l.FileTypes; t != nil {
		add(restsOn, r.fileTypesAt, t.Field.Collection, t.Extension, "the extension of a file")
		add(writes, r.fileTypesAt, t.Field.Collection, t.Field.Name, "the type of a file")
	}
	if i := r.l.Incomplete; i != nil {
		for _, a := range i.Set {
			add(writes, r.incompleteAt, i.Collection, a.Field, "what an incomplete record gets")
		}
	}
	return all
}
