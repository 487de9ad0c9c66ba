package librarytest

import (
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// clean are the options of a library without any damage, with some of everything.
func clean(l Layout) Options {
	return Options{
		Layout: l, Prefix: "/library", Roots: 2, Directories: 10, Files: 60, Tags: 8, Albums: 5, SmartAlbums: 3,
		Embeddings: 30, Relations: 20, Detections: 20, Jobs: 2, Tasks: 40, Journal: 30, ClipDimension: 8,
	}
}

// beyondTheFixture are the types that fields have in other libraries of the application, beside those in the fixture.
var beyondTheFixture = map[string][]bson.Type{
	"albums.parent_id": {bson.TypeObjectID}, "albums.cover_id": {bson.TypeObjectID}, "tags.synonym_ids": {bson.TypeArray},
	"tags.antonym_ids": {bson.TypeArray}, "detection_classes.parent_class_id": {bson.TypeObjectID},
	"detection_instances.detection_object_id": {bson.TypeObjectID}, "journal.timestamp": {bson.TypeString},
	"tasks.completed_at": {bson.TypeNull},
}

// Every field is where the application writes it, under its name and in its type.
func TestACleanLibraryHasTheShapeOfTheOneThatTheApplicationWrote(t *testing.T) {
	orders, types := map[string]bool{}, map[string]bool{}
	for name, docs := range Fixture(Desktop) {
		for _, doc := range docs {
			orders[name+" "+fieldOrder(doc)] = true
			eachField(name, doc, func(field string, kind bson.Type) { types[field+kind.String()] = true })
		}
	}
	for field, more := range beyondTheFixture {
		for _, kind := range more {
			types[field+kind.String()] = true
		}
	}
	docs := GenerateWith(1, clean(UCoreFS)).Raw()
	for name := range Fixture(Desktop) {
		if len(docs[name]) == 0 {
			t.Errorf("there is nothing in %s", name)
		}
		for _, doc := range docs[name] {
			if order := name + " " + fieldOrder(doc); !orders[order] {
				t.Errorf("the application writes no %s", order)
			}
			eachField(name, doc, func(field string, kind bson.Type) {
				if !types[field+kind.String()] {
					t.Errorf("the application writes no %s of type %v", field, kind)
				}
			})
		}
	}
}

func fieldOrder(doc bson.Raw) string {
	var names []string
	list, _ := doc.Elements()
	for _, e := range list {
		names = append(names, e.Key())
	}
	return strings.Join(names, " ")
}

func eachField(collection string, doc bson.Raw, each func(field string, kind bson.Type)) {
	list, _ := doc.Elements()
	for _, e := range list {
		each(collection+"."+e.Key(), e.Value().Type)
	}
}

func TestARootIDIsTextExceptInTheRoot(t *testing.T) {
	docs := GenerateWith(1, clean(UCoreFS)).Raw()
	for _, doc := range append(docs[directoryRecords], docs[fileRecords]...) {
		want := bson.TypeString
		if isTrue(doc, "is_root") {
			want = bson.TypeObjectID
		}
		if got := doc.Lookup("root_id").Type; got != want {
			t.Errorf("root_id of %v is of type %v, want %v", doc.Lookup("path"), got, want)
		}
	}
}

// notReferences are fields that are named like one and refer to no document.
var notReferences = []string{"_id", "embedding_id", "task_id"}

// A reference that the tables lack would be one that no task is ever checked on.
func TestEveryFieldThatIsNamedLikeAReferenceIsOne(t *testing.T) {
	for _, layout := range layouts {
		named := map[string]bool{}
		for _, r := range layout.References() {
			named[r.From+"."+r.Field] = true
		}
		for name, docs := range GenerateWith(1, clean(layout)).Raw() {
			for _, field := range fieldNames(docs...) {
				looksLikeOne := strings.HasSuffix(field, "_id") || strings.HasSuffix(field, "_ids")
				if looksLikeOne && !slices.Contains(notReferences, field) && !named[name+"."+field] {
					t.Errorf("%v: %s.%s is no reference", layout, name, field)
				}
			}
		}
	}
}

func TestOnlyTheDesktopApplicationWritesClassNames(t *testing.T) {
	for layout, want := range map[Layout]bool{UCoreFS: true, Web: false, Shop: false} {
		for name, docs := range GenerateWith(1, clean(layout)).Raw() {
			for _, doc := range docs {
				if has := doc.Lookup("_cls").Type == bson.TypeString; has != want {
					t.Fatalf("%v: a document of %s has a class name: %v", layout, name, has)
				}
			}
		}
	}
}

func TestACleanLibraryNeedsNoMaintenance(t *testing.T) {
	for _, layout := range []Layout{UCoreFS, Web, Shop} {
		for seed := range int64(20) {
			docs := GenerateWith(seed, clean(layout)).Raw()
			if broken := layout.Broken(docs); len(broken) > 0 {
				t.Errorf("%v, seed %d: %v is broken", layout, seed, broken[0])
			}
			for _, v := range layout.Check(docs) {
				if v.Total == 0 || v.Right != v.Total {
					t.Errorf("%v, seed %d: %d of %d in %s are right: %v", layout, seed, v.Right, v.Total, v.Collection, v.Wrong)
				}
			}
			if diff := Diff(docs, layout.Mirrored(layout.Cleaned(docs))); diff != "" {
				t.Errorf("%v, seed %d: the cleanup or the mirror changes\n%s", layout, seed, diff)
			}
		}
	}
}
