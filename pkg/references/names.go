package references

import (
	"context"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Holder is a document that refers to others.
type Holder struct {
	Collection string
	Document   bsonvalue.ID
}

// Names are what people know documents by, such as the path of a file. A document without a name is not among them.
type Names map[Holder]string

// nameFields are the fields in which documents have a name, best first, besides the path of a file.
var nameFields = []string{"full_path", "path", "name", "title"}

// FindNames finds the names of the documents of the first occurrences of each reference.
func (f *Findings) FindNames(ctx context.Context, db *mongodb.Reader, most int) error {
	ids := map[string]*bsonvalue.IDSet{}
	for i, finding := range f.References {
		collection := f.Library.References[i].From.Collection
		for _, o := range finding.Occurrences[:min(most, len(finding.Occurrences))] {
			if ids[collection] == nil {
				ids[collection] = &bsonvalue.IDSet{}
			}
			ids[collection].Add(o.Document)
		}
	}
	f.Names = Names{}
	for collection, some := range ids {
		if err := f.Names.add(ctx, db, f.Library, collection, some); err != nil {
			return err
		}
	}
	return nil
}

func (n Names) add(ctx context.Context, db *mongodb.Reader, l library.Library, collection string, ids *bsonvalue.IDSet) error {
	fields := nameFields
	if l.HoldsFiles(collection) {
		fields = append([]string{l.Files.Path}, nameFields...)
	}
	var all []bsonvalue.ID
	for id := range ids.All() {
		all = append(all, id)
	}
	return db.Documents(ctx, collection, all, fields, func(doc bson.Raw) error {
		for _, field := range fields {
			if name, ok := doc.Lookup(field).StringValueOK(); ok && name != "" {
				n[Holder{collection, bsonvalue.Reference(doc, "_id")}] = strings.Join(strings.Fields(name), " ")
				break
			}
		}
		return nil
	})
}

// of is the name of a document in brackets, after a blank; empty where it is not known.
func (n Names) of(collection string, document bsonvalue.ID) string {
	if name := n[Holder{collection, document}]; name != "" {
		return " (" + name + ")"
	}
	return ""
}
