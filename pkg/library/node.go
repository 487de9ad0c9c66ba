package library

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mapping is a YAML mapping in the order in which it was written.
type mapping struct {
	keys   []string
	values map[string]*yaml.Node
}

func (m mapping) at(key string) *yaml.Node { return m.values[key] }

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s", r.file, n.Line, fmt.Sprintf(format, args...)))
}

// mapping reads a mapping whose keys are among known; no known ones: any.
func (r *reader) mapping(n *yaml.Node, known ...string) mapping {
	m := mapping{values: map[string]*yaml.Node{}}
	if n == nil || n.Kind != yaml.MappingNode {
		if n != nil {
			r.fail(n, "write a mapping here, such as {word: value}")
		}
		return m
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case len(known) > 0 && !slices.Contains(known, key.Value):
			r.fail(key, "unknown word %q: %s", key.Value, suggestion(key.Value, known))
		case m.values[key.Value] != nil:
			r.fail(key, "%q stands here twice", key.Value)
		default:
			m.keys, m.values[key.Value] = append(m.keys, key.Value), n.Content[i+1]
		}
	}
	return m
}

// hasKey tells whether a node is a mapping with any of the keys.
func hasKey(n *yaml.Node, keys ...string) bool {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if slices.Contains(keys, n.Content[i].Value) {
			return true
		}
	}
	return false
}

// suggestion is the known word that is most like a wrong one, or all of them.
func suggestion(wrong string, known []string) string {
	for _, word := range known {
		if strings.EqualFold(word, wrong) || len(wrong) > 2 && (strings.HasPrefix(word, wrong[:3]) ||
			strings.HasPrefix(wrong, word)) {
			return fmt.Sprintf("write %q", word)
		}
	}
	return "use " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

func (r *reader) text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.fail(n, "write a text here, and not a list, a mapping or nothing")
		return ""
	}
	return n.Value
}

func (r *reader) list(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		r.fail(n, "write a list here: begin each entry with a dash, or use [...]")
		return nil
	}
	return n.Content
}

// texts reads one text or a list of different ones.
func (r *reader) texts(n *yaml.Node) (texts []string) {
	if n != nil && n.Kind == yaml.ScalarNode {
		return []string{r.text(n)}
	}
	for _, entry := range r.list(n) {
		text := r.text(entry)
		if slices.Contains(texts, text) {
			r.fail(entry, "%q stands here twice", text)
		}
		texts = append(texts, text)
	}
	return texts
}

func (r *reader) positive(n *yaml.Node, what string) (number int) {
	if err := n.Decode(&number); err != nil || number < 1 || n.ShortTag() != "!!int" {
		r.fail(n, "%q: write %s, a whole number above 0", n.Value, what)
	}
	return number
}

// name reads the name of a field, or of a collection, that must be there.
func (r *reader) name(parent, n *yaml.Node, word string) string {
	if n == nil {
		r.fail(parent, "%s is missing", word)
		return ""
	}
	name := r.text(n)
	r.checkName(n, name)
	return name
}

func (r *reader) checkName(n *yaml.Node, name string) {
	if name == "" || strings.ContainsAny(name, "$.\x00[]") {
		r.fail(n, "%q cannot be a name: only a field at the top of a document can be named here", name)
	}
}

// collection reads the name of a declared collection that must be there.
func (r *reader) collection(parent, n *yaml.Node) string {
	if n == nil {
		r.fail(parent, "collection is missing")
		return ""
	}
	name := r.text(n)
	r.declared(n, name)
	return name
}

// known reads one declared collection or a list of them.
func (r *reader) known(n *yaml.Node) []string {
	names := r.texts(n)
	for _, name := range names {
		r.declared(n, name)
	}
	return names
}

// declared makes sure that a collection is among collections, if these are known.
func (r *reader) declared(n *yaml.Node, collection string) {
	if r.collectionsKnown && !slices.Contains(r.l.Names(), collection) {
		r.fail(n, "the collection %q is not declared: add it to collections", collection)
	}
}

// field reads collection.field or collection.field[], which must be there.
func (r *reader) field(parent, n *yaml.Node, word string) Field {
	if n == nil {
		r.fail(parent, "%s is missing: write collection.field", word)
		return Field{}
	}
	return r.parseField(n, r.text(n))
}

// parseField splits after a declared collection, whose name may have dots itself.
func (r *reader) parseField(n *yaml.Node, text string) (f Field) {
	for _, collection := range r.l.Names() {
		if strings.HasPrefix(text, collection+".") && len(collection) > len(f.Collection) {
			f.Collection = collection
		}
	}
	if f.Collection == "" {
		collection, _, dotted := strings.Cut(text, ".")
		if !dotted {
			r.fail(n, "%q: write collection.field, and [] behind the name of a field that holds a list", text)
		} else {
			r.declared(n, collection)
		}
		return Field{}
	}
	f.Name, f.List = strings.CutSuffix(text[len(f.Collection)+1:], "[]")
	r.checkName(n, f.Name)
	return f
}

// noun reads what counts are named after.
func (r *reader) noun(parent, n *yaml.Node, word string) string {
	if n == nil {
		r.fail(parent, "%s is missing: write the noun of its counts, such as tag for brokenTagRefs", word)
		return ""
	}
	noun := r.text(n)
	r.checkNoun(n, noun)
	return noun
}

func (r *reader) checkNoun(n *yaml.Node, noun string) {
	isLetter := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	if noun == "" || strings.IndexFunc(noun, func(c rune) bool { return !isLetter(c) }) >= 0 || noun[0] < 'a' {
		r.fail(n, "%q cannot be part of a count's name: use letters, beginning with a small one", noun)
	}
}

// where reads conditions: field: value, field: [value, ...], field: {not: value}, field: {atLeast: number}, field:
// missing.
func (r *reader) where(n *yaml.Node) (w Where) {
	if n == nil {
		return nil
	}
	m := r.mapping(n)
	for _, field := range m.keys {
		w = append(w, r.condition(field, m.at(field)))
	}
	return w
}

func (r *reader) condition(field string, n *yaml.Node) Condition {
	c := Condition{Field: field}
	switch {
	case isMissing(n):
		c.Missing = true
	case n.Kind == yaml.ScalarNode:
		c.Values = []any{r.value(n)}
	case n.Kind == yaml.SequenceNode:
		for _, entry := range n.Content {
			c.Values = append(c.Values, r.presentValue(entry))
		}
	default:
		r.comparison(&c, n)
	}
	if len(c.Values) == 0 && c.Not == nil && c.AtLeast == nil && !c.Missing {
		r.fail(n, "%s: write a value, a list of values, missing, {not: value} or {atLeast: number}", field)
	}
	return c
}

func (r *reader) comparison(c *Condition, n *yaml.Node) {
	m := r.mapping(n, "not", "atLeast")
	if len(m.keys) > 1 {
		r.fail(n, "write either not or atLeast: a condition says one thing")
	}
	if not := m.at("not"); not != nil {
		c.Not = r.presentValue(not)
	}
	if least := m.at("atLeast"); least != nil {
		var number float64
		if err := least.Decode(&number); err != nil || math.IsNaN(number) {
			r.fail(least, "atLeast: write a number")
		}
		c.AtLeast = &number
	}
}

// isMissing tells whether a node is the word for a field that is missing or null.
func isMissing(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!str" && n.Value == "missing"
}

// presentValue reads a value beside others or behind not, where the word missing would be taken for a text.
func (r *reader) presentValue(n *yaml.Node) any {
	if isMissing(n) {
		r.fail(n, "missing stands alone, as in {field: missing}: name the values that the field may have instead")
	}
	return r.value(n)
}

// value reads a scalar: a bool, an int64, a float64 or a string; null is none of them.
func (r *reader) value(n *yaml.Node) any {
	v := r.anything(n)
	switch v.(type) {
	case bool, int64, float64, string:
		return v
	}
	r.fail(n, "a text, a number, true or false is wanted here")
	return nil
}

// document reads an ordered document.
func (r *reader) document(n *yaml.Node) (d Document) {
	if n == nil {
		return nil
	}
	m := r.mapping(n)
	for _, key := range m.keys {
		d = append(d, Assignment{Field: key, Value: r.anything(m.at(key))})
	}
	return d
}

func (r *reader) anything(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		d := r.document(n)
		if d == nil {
			d = Document{}
		}
		return d
	case yaml.SequenceNode:
		list := []any{}
		for _, entry := range n.Content {
			list = append(list, r.anything(entry))
		}
		return list
	}
	var v any
	if err := n.Decode(&v); err != nil {
		r.fail(n, "%q cannot be read", n.Value)
	}
	if whole, ok := v.(int); ok {
		return int64(whole)
	}
	return v
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
