package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Read reads a declaration and checks it as a whole. The error names every mistake with the file, the line and what to
// write.
func Read(file string, text []byte) (Library, error) {
	var root, more yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&root); err != nil && err != io.EOF {
		return Library{}, fmt.Errorf("%s: %s: write YAML, indented with spaces", file, strings.TrimPrefix(err.Error(),
			"yaml: "))
	}
	if len(root.Content) == 0 {
		return Library{}, fmt.Errorf("%s: the file is empty: `maint-job declare --print=%s` shows a declaration to "+
			"start from", file, UCoreFSName)
	}
	sum := sha256.Sum256(text)
	r := &reader{file: file}
	r.library(root.Content[0])
	if documents.Decode(&more) != io.EOF {
		r.fail(&more, "a second document begins here: write one declaration in a file")
	}
	r.l.Digest = hex.EncodeToString(sum[:])
	if len(r.problems) == 0 {
		r.check()
	}
	return r.l, errors.Join(r.problems...)
}

// reader reads one declaration. The lines are those of the entries with the same index.
type reader struct {
	file     string
	problems []error
	l        Library
	// collectionsKnown is false where the section is missing, or wrong as a whole.
	collectionsKnown bool

	referencesAt                       []*yaml.Node
	countersAt, mirrorsAt, expiringsAt []*yaml.Node
	filesAt, vectorsAt                 *yaml.Node
	fileTypesAt, incompleteAt          *yaml.Node
}

func (r *reader) library(n *yaml.Node) {
	sections := map[string]func(*yaml.Node){
		"library":     r.libraryName,
		"recognize":   r.recognize,
		"collections": func(*yaml.Node) {}, // read first, since all others name collections
		"references":  func(n *yaml.Node) { r.each(n, r.reference) },
		"counters":    func(n *yaml.Node) { r.each(n, r.counter) },
		"mirrors":     func(n *yaml.Node) { r.each(n, r.mirror) },
		"files":       r.files,
		"vectors":     r.vectors,
		"expiring":    func(n *yaml.Node) { r.each(n, r.expiring) },
		"busy":        func(n *yaml.Node) { r.each(n, r.busy) },
		"fileTypes":   r.fileTypes,
		"incomplete":  r.incomplete,
		"indexes":     r.indexes,
	}
	if !hasKey(n, "library", "collections") {
		r.fail(n, "this is no declaration of a library: `maint-job declare --print=%s` shows one to start from", UCoreFSName)
		return
	}
	m := r.mapping(n, keysOf(sections)...)
	for needed, write := range map[string]string{"library": "a name, such as library: shop",
		"collections": "each with the noun of its counts, such as collections: {orders: orders}"} {
		if m.at(needed) == nil {
			r.fail(n, "%s is missing: write %s", needed, write)
		}
	}
	r.collections(m.at("collections"))
	for _, key := range m.keys {
		sections[key](m.at(key))
	}
}

func (r *reader) libraryName(n *yaml.Node) {
	r.l.Name = r.text(n)
	r.checkLibraryName(n)
}

func (r *reader) recognize(n *yaml.Node) {
	m := r.mapping(n, "any", "unique")
	r.l.Recognize = Recognize{Any: r.texts(m.at("any")), Unique: r.texts(m.at("unique"))}
	r.checkRecognize(n)
}

func (r *reader) collections(n *yaml.Node) {
	r.collectionsKnown = n != nil && n.Kind == yaml.MappingNode
	if n != nil && !r.collectionsKnown {
		r.fail(n, "collections: write each name with the noun of its counts, such as {file_records: files, tags: tags}")
		return
	}
	m := r.mapping(n)
	for _, name := range m.keys {
		c := Collection{Name: name, Noun: r.text(m.at(name))}
		r.checkCollection(m.at(name), c)
		r.l.Collections = append(r.l.Collections, c)
	}
}

// each reads the entries of a list.
func (r *reader) each(n *yaml.Node, read func(*yaml.Node)) {
	for _, entry := range r.list(n) {
		read(entry)
	}
}

func (r *reader) reference(n *yaml.Node) {
	m := r.mapping(n, "from", "to", "dangling", "counts")
	ref := Reference{From: r.field(n, m.at("from"), "from"), To: r.known(m.at("to")), Counts: r.noun(n, m.at("counts"),
		"counts")}
	if len(ref.To) == 0 {
		r.fail(n, "to is missing: name the collection, or the collections, that the ids are of")
	}
	if action := m.at("dangling"); action != nil {
		ref.Dangling = r.action(action)
	}
	r.checkDangling(n, ref)
	r.l.References, r.referencesAt = append(r.l.References, ref), append(r.referencesAt, n)
}

func (r *reader) action(n *yaml.Node) Action {
	actions := map[string]Action{"report": Report, "pull": Pull, "clear": Clear, "delete": Delete}
	action, ok := actions[r.text(n)]
	if !ok {
		r.fail(n, "dangling: %q is none of pull, clear, delete and report", n.Value)
	}
	return action
}

func (r *reader) counter(n *yaml.Node) {
	m := r.mapping(n, "field", "where", "count", "sum", "by", "of", "below", "length", "matching", "in")
	c := Counter{Field: r.field(n, m.at("field"), "field"), Where: r.where(m.at("where")), Of: r.where(m.at("of"))}
	if count := m.at("count"); count != nil {
		for _, field := range r.texts(count) {
			c.Count = append(c.Count, r.parseField(count, field))
		}
	}
	for word, into := range map[string]*Field{"sum": &c.Sum, "by": &c.By, "below": &c.Below, "length": &c.Length,
		"matching": &c.Matching} {
		if at := m.at(word); at != nil {
			*into = r.parseField(at, r.text(at))
		}
	}
	if in := m.at("in"); in != nil {
		c.In = r.text(in)
		r.declared(in, c.In)
	}
	r.l.Counters, r.countersAt = append(r.l.Counters, c), append(r.countersAt, n)
}

func (r *reader) mirror(n *yaml.Node) {
	m := r.mapping(n, "field", "of", "where")
	r.l.Mirrors = append(r.l.Mirrors, Mirror{Field: r.field(n, m.at("field"), "field"), Of: r.field(n, m.at("of"), "of"),
		Where: r.where(m.at("where"))})
	r.mirrorsAt = append(r.mirrorsAt, n)
}

func (r *reader) files(n *yaml.Node) {
	m := r.mapping(n, "collection", "path", "without", "roots")
	f := &Files{Collection: r.collection(n, m.at("collection")), Path: r.name(n, m.at("path"), "path"),
		Without: r.where(m.at("without"))}
	if roots := m.at("roots"); roots != nil {
		rm := r.mapping(roots, "collection", "path", "where")
		f.Roots = &Roots{Collection: r.collection(roots, rm.at("collection")), Path: r.name(roots, rm.at("path"), "path"),
			Where: r.where(rm.at("where"))}
	}
	r.l.Files, r.filesAt = f, n
}

func (r *reader) vectors(n *yaml.Node) {
	m := r.mapping(n, "sources", "dimensions")
	v := &Vectors{Dimensions: map[string]int{}}
	if m.at("sources") == nil {
		r.fail(n, "sources is missing: name the collections with vectors")
	}
	for _, source := range r.list(m.at("sources")) {
		v.Sources = append(v.Sources, r.vectorSource(source))
	}
	if d := m.at("dimensions"); d != nil {
		dm := r.mapping(d)
		for _, provider := range dm.keys {
			v.Dimensions[provider] = r.positive(dm.at(provider), "how many numbers its vectors have")
		}
	}
	r.l.Vectors, r.vectorsAt = v, n
}

func (r *reader) vectorSource(n *yaml.Node) VectorSource {
	m := r.mapping(n, "collection", "file", "providers", "provider", "vector", "changed")
	s := VectorSource{Collection: r.collection(n, m.at("collection")), File: "_id", Vector: r.name(n, m.at("vector"),
		"vector")}
	if file := m.at("file"); file != nil {
		s.File = r.name(n, file, "file")
	}
	if changed := m.at("changed"); changed != nil {
		s.Changed = r.name(n, changed, "changed")
	}
	providers, provider := m.at("providers"), m.at("provider")
	switch {
	case (providers == nil) == (provider == nil):
		r.fail(n, "write either providers (a map from provider to vector) or provider (the field with the provider's name)")
	case providers != nil:
		s.Providers = r.name(n, providers, "providers")
	default:
		s.Provider = r.name(n, provider, "provider")
	}
	return s
}

func (r *reader) expiring(n *yaml.Node) {
	m := r.mapping(n, "collection", "where", "since", "keep", "days")
	x := Expiring{Collection: r.collection(n, m.at("collection")), Where: r.where(m.at("where")),
		Since: r.name(n, m.at("since"), "since")}
	if keep := m.at("keep"); keep != nil {
		x.Keep = r.text(keep)
	}
	if days := m.at("days"); days != nil {
		x.Days = r.positive(days, "after how many days a document may go")
	}
	r.l.Expiring, r.expiringsAt = append(r.l.Expiring, x), append(r.expiringsAt, n)
}

// busy reads a sign of use. Its collection need not be one of the library's: an application may add it for this.
func (r *reader) busy(n *yaml.Node) {
	m := r.mapping(n, "collection", "where", "since")
	b := Busy{Collection: r.name(n, m.at("collection"), "collection"), Where: r.where(m.at("where"))}
	for _, field := range r.texts(m.at("since")) {
		r.checkName(m.at("since"), field)
		b.Since = append(b.Since, field)
	}
	if strings.HasPrefix(b.Collection, Reserved) {
		r.fail(n, "%s: collections of maintenance itself are no sign of use", b.Collection)
	}
	if len(b.Since) == 0 {
		r.fail(n, "since is missing: name the field, or the fields, with the time of the last change")
	}
	r.l.Busy = append(r.l.Busy, b)
}

func (r *reader) fileTypes(n *yaml.Node) {
	m := r.mapping(n, "field", "unknown", "extension", "types")
	t := &FileTypes{Field: r.field(n, m.at("field"), "field"), Extension: r.name(n, m.at("extension"), "extension"),
		Types: map[string]string{}}
	if unknown := m.at("unknown"); unknown != nil {
		t.Unknown = r.text(unknown)
	}
	if types := m.at("types"); types != nil {
		tm := r.mapping(types)
		for _, name := range tm.keys {
			r.extensions(t.Types, name, tm.at(name))
		}
	}
	r.l.FileTypes, r.fileTypesAt = t, n
}

func (r *reader) extensions(types map[string]string, name string, n *yaml.Node) {
	for _, extension := range r.texts(n) {
		if other, twice := types[extension]; twice {
			r.fail(n, "%q is %s and %s: name each extension once", extension, other, name)
		}
		if extension == "" || extension != strings.ToLower(extension) || strings.HasPrefix(extension, ".") {
			r.fail(n, "%q: write an extension in lower case and without its dot", extension)
		}
		types[extension] = name
	}
}

func (r *reader) incomplete(n *yaml.Node) {
	m := r.mapping(n, "collection", "where", "set", "queue")
	i := &Incomplete{Collection: r.collection(n, m.at("collection")), Where: r.where(m.at("where")),
		Set: r.document(m.at("set"))}
	if len(i.Where) == 0 || len(i.Set) == 0 {
		r.fail(n, "where and set are needed: which documents are incomplete, and what they get")
	}
	queue := m.at("queue")
	if queue == nil {
		r.fail(n, "queue is missing: how the application learns of the documents")
		return
	}
	i.Queue = r.queue(queue)
	for _, a := range i.Set {
		r.checkName(m.at("set"), a.Field)
	}
	r.l.Incomplete, r.incompleteAt = i, n
}

func (r *reader) queue(n *yaml.Node) Queue {
	m := r.mapping(n, "collection", "ids", "most", "where", "document")
	q := Queue{Collection: r.collection(n, m.at("collection")), IDs: r.name(n, m.at("ids"), "ids"), Most: 1,
		Where: r.where(m.at("where")), Document: r.document(m.at("document"))}
	r.placeholders(m.at("document"), q.Document)
	if most := m.at("most"); most != nil {
		q.Most = r.positive(most, "how many ids one document holds")
	}
	return q
}

// placeholder is what stands for something in a document of the queue.
var placeholder = regexp.MustCompile(`\{[A-Za-z_]*\}`)

// placeholders makes sure that each one is known.
func (r *reader) placeholders(n *yaml.Node, value any) {
	switch v := value.(type) {
	case Document:
		for _, a := range v {
			r.placeholders(n, a.Value)
		}
	case []any:
		for _, each := range v {
			r.placeholders(n, each)
		}
	case string:
		for _, word := range placeholder.FindAllString(v, -1) {
			if !slices.Contains([]string{"{ids}", "{count}", "{now}"}, word) {
				r.fail(n, "%q: %s stands for nothing: use {ids}, {count} and {now}", v, word)
			}
		}
	}
}

func (r *reader) indexes(n *yaml.Node) {
	m := r.mapping(n)
	for _, collection := range m.keys {
		r.declared(m.at(collection), collection)
		c := CollectionIndexes{Collection: collection}
		for _, entry := range r.list(m.at(collection)) {
			i := r.index(entry)
			if slices.ContainsFunc(c.Indexes, func(other Index) bool { return slices.Equal(other.Fields, i.Fields) }) {
				r.fail(entry, "%s has two indexes %s: keep one, and the unique one if one is", collection, i.Name())
			}
			c.Indexes = append(c.Indexes, i)
		}
		r.l.Indexes = append(r.l.Indexes, c)
	}
}

func (r *reader) index(n *yaml.Node) Index {
	if n.Kind == yaml.ScalarNode {
		return Index{Fields: []string{r.name(n, n, "field")}}
	}
	m := r.mapping(n, "fields", "unique")
	i := Index{Fields: r.texts(m.at("fields"))}
	if unique := m.at("unique"); unique != nil {
		if err := unique.Decode(&i.Unique); err != nil {
			r.fail(unique, "unique: write true or false")
		}
	}
	if len(i.Fields) == 0 {
		r.fail(n, "an index needs fields")
	}
	for _, field := range i.Fields {
		r.checkName(n, field)
	}
	return i
}
