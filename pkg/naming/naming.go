// Package naming finds the names by which people know documents, such as the path of a file or the name of a tag, so
// that what a person reads says more than an id. It only reads, and only the documents that it is asked for. It must
// not decide anything by a name.
package naming

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Document is a document of a library.
type Document struct {
	Collection string
	ID         bsonvalue.ID
}

// Names are the names of documents. A document without a name is not among them.
type Names map[Document]string

// fields are the fields in which documents have a name, best first, besides the path of a file.
var fields = []string{"full_path", "path", "name", "title"}

// kinds are the fields that say what a document without a name is, best first.
var kinds = []string{"relation_type", "event_type", "message", "provider", "model"}

// Find reads the names of some documents. A document without a name is known by its kind and by the names of what it
// refers to.
func Find(ctx context.Context, db *mongodb.Reader, l library.Library, documents []Document) (Names, error) {
	names, ends := Names{}, Names{}
	nameless, err := names.read(ctx, db, l, documents)
	if err != nil {
		return nil, err
	}
	var others []Document
	for _, n := range nameless {
		for _, e := range n.ends {
			others = append(others, e.at...)
		}
	}
	if _, err := ends.read(ctx, db, l, others); err != nil {
		return nil, err
	}
	for _, n := range nameless {
		if text := n.text(ends); text != "" {
			names[n.Document] = text
		}
	}
	return names, nil
}

// read adds the names of documents, and gives those that have none.
func (n Names) read(
	ctx context.Context, db *mongodb.Reader, l library.Library, documents []Document,
) (nameless []unnamed, err error) {
	ids := map[string]*bsonvalue.IDSet{}
	for _, d := range documents {
		if ids[d.Collection] == nil {
			ids[d.Collection] = &bsonvalue.IDSet{}
		}
		ids[d.Collection].Add(d.ID)
	}
	for collection, some := range ids {
		more, err := n.add(ctx, db, l, collection, some)
		if err != nil {
			return nil, err
		}
		nameless = append(nameless, more...)
	}
	return nameless, nil
}

func (n Names) add(
	ctx context.Context, db *mongodb.Reader, l library.Library, collection string, ids *bsonvalue.IDSet,
) (nameless []unnamed, err error) {
	fields := fields
	if l.Files != nil && l.Files.Collection == collection {
		fields = append([]string{l.Files.Path}, fields...)
	}
	refers := slices.DeleteFunc(slices.Clone(l.References), func(r library.Reference) bool {
		return r.From.Collection != collection
	})
	wanted := slices.Concat(fields, kinds)
	for _, r := range refers {
		wanted = append(wanted, r.From.Name)
	}
	err = db.Documents(ctx, collection, slices.Collect(ids.All()), wanted, func(doc bson.Raw) error {
		d := Document{collection, bsonvalue.Reference(doc, "_id")}
		if name := first(doc, fields); name != "" {
			n[d] = name
		} else {
			nameless = append(nameless, unnamed{d, first(doc, kinds), endsOf(doc, refers)})
		}
		return nil
	})
	return nameless, err
}

// first is the first text among some fields, in one line.
func first(doc bson.Raw, fields []string) string {
	for _, field := range fields {
		if text, ok := doc.Lookup(field).StringValueOK(); ok && text != "" {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	return ""
}

// Text is a document as people know it: its collection, its id and, in brackets, its name where it has one.
func (n Names) Text(d Document) string {
	if name := n[d]; name != "" {
		return d.Collection + " " + d.ID.String() + " (" + name + ")"
	}
	return d.Collection + " " + d.ID.String()
}
