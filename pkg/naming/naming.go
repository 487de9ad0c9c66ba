// Package naming finds the names by which people know documents, such as the path of a file or the name of a tag, so that what a
// person reads says more than an id. It only reads, and only the documents that it is asked for. It must not decide anything by a name.
package naming

import (
	"context"
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

// Find reads the names of some documents.
func Find(ctx context.Context, db *mongodb.Reader, l library.Library, documents []Document) (Names, error) {
	names, ids := Names{}, map[string]*bsonvalue.IDSet{}
	for _, d := range documents {
		if ids[d.Collection] == nil {
			ids[d.Collection] = &bsonvalue.IDSet{}
		}
		ids[d.Collection].Add(d.ID)
	}
	for collection, some := range ids {
		if err := names.add(ctx, db, l, collection, some); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func (n Names) add(ctx context.Context, db *mongodb.Reader, l library.Library, collection string, ids *bsonvalue.IDSet) error {
	fields := fields
	if l.Files != nil && l.Files.Collection == collection {
		fields = append([]string{l.Files.Path}, fields...)
	}
	var all []bsonvalue.ID
	for id := range ids.All() {
		all = append(all, id)
	}
	return db.Documents(ctx, collection, all, fields, func(doc bson.Raw) error {
		for _, field := range fields {
			if name, ok := doc.Lookup(field).StringValueOK(); ok && name != "" {
				n[Document{collection, bsonvalue.Reference(doc, "_id")}] = strings.Join(strings.Fields(name), " ")
				break
			}
		}
		return nil
	})
}

// Text is a document as people know it: its collection, its id and, in brackets, its name where it has one.
func (n Names) Text(d Document) string {
	if name := n[d]; name != "" {
		return d.Collection + " " + d.ID.String() + " (" + name + ")"
	}
	return d.Collection + " " + d.ID.String()
}
