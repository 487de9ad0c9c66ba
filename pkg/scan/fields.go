package scan

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ID is the position of _id in each Row.
const ID = 0

// Fields are the fields to find in the documents of one collection. They are not safe for concurrent use.
type Fields struct {
	root []node
	row  Row
}

// node is a field, and the fields in the document that it holds.
type node struct {
	name  string
	at    int // its position in a Row
	then  int // which of the nodes beside it came behind it in the last document, where any did
	below []node
}

// Row is the values of a document's fields, by position. What the document does not have is the zero value.
type Row []bson.RawValue

// NewFields is _id alone.
func NewFields() *Fields {
	f := &Fields{}
	f.Position("_id")
	return f
}

// Position is where a Row will hold a field, which is asked for from now on. Its name may be a path with dots, in
// which a number is the place in a list.
func (f *Fields) Position(path string) int {
	nodes, at := &f.root, 0
	for name := range strings.SplitSeq(path, ".") {
		n := f.node(nodes, name)
		nodes, at = &n.below, n.at
	}
	return at
}

// node is the node of a name, which is made where there is none.
func (f *Fields) node(nodes *[]node, name string) *node {
	for i := range *nodes {
		if (*nodes)[i].name == name {
			return &(*nodes)[i]
		}
	}
	*nodes = append(*nodes, node{name: name, at: len(f.row)})
	f.row = append(f.row, bson.RawValue{})
	return &(*nodes)[len(*nodes)-1]
}

// Clone finds the same fields, at the same positions, on another goroutine. Neither is asked for further positions
// then.
func (f *Fields) Clone() *Fields { return &Fields{root: clone(f.root), row: make(Row, len(f.row))} }

func clone(nodes []node) []node {
	nodes = slices.Clone(nodes)
	for i := range nodes {
		nodes[i].below = clone(nodes[i].below)
	}
	return nodes
}

// Names are the fields at the top of a document, which a reader must ask for.
func (f *Fields) Names() []string {
	names := make([]string, len(f.root))
	for i, n := range f.root {
		names[i] = n.name
	}
	return names
}

// Read finds the fields of a document. The Row is valid until the next Read, and as long as the document is.
func (f *Fields) Read(doc bson.Raw) Row {
	clear(f.row)
	find(f.root, doc, f.row)
	return f.row
}

// find notes the values of nodes in a document. Where a name occurs twice, the first counts. Documents of one
// collection mostly have their fields in the same order, so that the node which came next the last time is tried first.
func find(nodes []node, doc []byte, row Row) {
	rest, last, likely := within(doc), 0, 0
	for left := len(nodes); left > 0; {
		key, is := len(nodes[likely].name), likely
		if !named(rest, nodes[likely].name) {
			key = keyOf(rest)
			is = search(nodes, rest, key)
		}
		kind, value, more := cut(rest, key)
		if kind == 0 {
			return
		}
		if rest = more; is < 0 || row[nodes[is].at].Type != 0 {
			continue
		}
		nodes[last].then = is
		n := &nodes[is]
		row[n.at] = bson.RawValue{Type: kind, Value: value}
		if len(n.below) > 0 && (kind == bson.TypeEmbeddedDocument || kind == bson.TypeArray) {
			find(n.below, value, row)
		}
		last, likely = is, n.then
		left--
	}
}

// named tells whether the first element has that key.
func named(elements []byte, key string) bool {
	return len(elements) > 1+len(key) && elements[1+len(key)] == 0 && string(elements[1:1+len(key)]) == key
}

// search is the node with the first element's key, which has that length, or less than 0.
func search(nodes []node, elements []byte, key int) int {
	if key < 0 {
		return key
	}
	return slices.IndexFunc(nodes, func(n node) bool { return n.name == string(elements[1:1+key]) })
}
