package librarytest

import (
	"math"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestTheDemoIsWhatTheDemoPromises(t *testing.T) {
	l := Generate(1, Demo)
	for name, want := range map[string]int{fileRecords: 3000, tags: 40, albums: 12, directoryRecords: 60} {
		if got := len(l.Docs[name]); got != want {
			t.Errorf("%d documents in %s, want %d", got, name, want)
		}
	}
	if n := len(l.Missing); n < 15 || n > 40 {
		t.Errorf("%d files are gone from disk, want about 25", n)
	}
	size := 0
	for _, docs := range l.Raw() {
		for _, doc := range docs {
			size += len(doc)
		}
	}
	if size > 8<<20 {
		t.Errorf("the demo has %d bytes of documents, more than 8 MiB", size)
	}
}

func TestTheDemoHasEveryKindOfDamageWhateverItsSeed(t *testing.T) {
	for _, layout := range layouts {
		for seed := range int64(3) {
			docs, found := layout.Generate(seed, Demo).Raw(), map[string]bool{}
			for _, d := range layout.Broken(docs) {
				found[d.Collection+"."+d.Field] = true
			}
			for _, r := range layout.References() {
				if !found[r.From+"."+r.Field] {
					t.Errorf("%v, seed %d: no %s.%s is dangling", layout, seed, r.From, r.Field)
				}
			}
			for _, v := range layout.Check(docs) {
				if v.Right == v.Total {
					t.Errorf("%v, seed %d: no counter of %s drifted", layout, seed, v.Collection)
				}
			}
		}
	}
}

// One of each is made although nothing else is dirty.
func TestOneOfEachBreaksEveryReferenceOfAnOtherwiseCleanLibrary(t *testing.T) {
	for _, layout := range layouts {
		o, found := clean(layout), map[string]int{}
		o.OneOfEach = true
		for _, d := range layout.Broken(GenerateWith(1, o).Raw()) {
			found[d.Collection+"."+d.Field]++
		}
		for _, r := range layout.References() {
			if n := found[r.From+"."+r.Field]; n != 1 {
				t.Errorf("%v: %d references %s.%s are dangling, want 1", layout, n, r.From, r.Field)
			}
		}
	}
}

// planted are the kinds of damage that the generator counts as it makes them.
var planted = map[Layout][]string{
	UCoreFS: {
		"tag_ids that are no array", "tag_ids with an id twice", "tag_ids with a null in it", "dangling tag_ids",
		"dangling album_ids", "dangling file_ids", "dangling synonym_ids", "dangling cover_id", "dangling root_id of files",
		"dangling root_id of directories", "dangling parent_id of files", "dangling parent_id of tags",
		"dangling parent_id of albums", "directories below a parent that does not exist", "cycles of directories",
		"sizes of another type than an integer", "references that hold an id in another numeric type",
		"references that hold an id in its other form", "embeddings of files that do not exist",
		"vectors that no index can hold", "smart albums with an invalid query", "task records of an unknown status",
		"times that are none", "times of another type", "odd names", "virtual files",
		"drifted counters of tags", "drifted counters of albums", "drifted counters of directory_records",
		"drifted counters of annotation_jobs", "album_ids that do not mirror the albums", "files that are gone from disk",
		"files whose name on disk is in the other Unicode form", "annotations of jobs that do not exist",
		"annotations whose is_annotated is no boolean", "dangling source of a relation", "dangling target of a relation",
		"dangling relation_type_id", "dangling file of a detection", "dangling class of a detection",
		"albums whose is_smart is missing or no boolean",
	},
	Web: {
		"links of files that do not exist", "links that exist twice", "dangling tag_id", "dangling album_id",
		"file_ids of jobs that are no array", "dangling file_ids of jobs", "embeddings of files that do not exist",
		"annotations of jobs that do not exist", "cycles of directories", "references that hold an id in its other form",
		"drifted counters of tags", "drifted counters of albums", "drifted counters of directory_records",
		"smart albums with an invalid query", "times that are none", "odd names",
	},
	Shop: {
		"dangling order_id", "dangling customer_id", "dangling coupon_ids", "coupon_ids that are no array",
		"drifted counters of customers", "drifted counters of orders",
	},
}

// fieldTypes are the BSON types that some document of UCoreFS must have in a field, 0 standing for a missing field.
var fieldTypes = map[string][]bson.Type{
	"file_records._id":          {bson.TypeObjectID, bson.TypeString, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble},
	"file_records.tag_ids":      {0, bson.TypeNull, bson.TypeArray, bson.TypeString},
	"file_records.album_ids":    {0, bson.TypeNull, bson.TypeArray, bson.TypeString},
	"file_records.size_bytes":   {0, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeString},
	"file_records.parent_id":    {0, bson.TypeNull, bson.TypeObjectID, bson.TypeString, bson.TypeInt32},
	"file_records.embeddings":   {bson.TypeNull, bson.TypeEmbeddedDocument},
	"file_records.is_virtual":   {0, bson.TypeBoolean},
	"directory_records.root_id": {bson.TypeObjectID, bson.TypeString, bson.TypeInt32},
	"directory_records.child_count": {
		0, bson.TypeNull, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeString, bson.TypeArray,
	},
	"tags._id":         {bson.TypeObjectID, bson.TypeString, bson.TypeInt32},
	"tags.synonym_ids": {0, bson.TypeNull, bson.TypeArray},
	"albums.smart_query": {
		bson.TypeEmbeddedDocument, bson.TypeString, bson.TypeInt32, bson.TypeArray, bson.TypeNull,
	},
	"albums.file_ids":          {0, bson.TypeNull, bson.TypeArray, bson.TypeString},
	"embedding_records.vector": {0, bson.TypeNull, bson.TypeArray, bson.TypeString},
	"tasks.created_at":         {0, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime},
	"journal.timestamp":        {0, bson.TypeDateTime, bson.TypeString},
}

func TestTwoHundredSeedsPlantEveryKindOfDirt(t *testing.T) {
	for _, layout := range layouts {
		counted, empty := map[string]int{}, 0
		for seed := range int64(200) {
			l := layout.Generate(seed, Tiny)
			for what, n := range l.Planted {
				counted[what] += n
			}
			if len(l.Docs) == 0 {
				empty++
			}
		}
		for _, what := range planted[layout] {
			if counted[what] == 0 {
				t.Errorf("%v: no seed planted %q", layout, what)
			}
		}
		if empty == 0 {
			t.Errorf("%v: no seed made an empty database", layout)
		}
	}
}

func TestTwoHundredSeedsHaveFieldsOfEveryType(t *testing.T) {
	seen := map[string]map[bson.Type]bool{}
	for field := range fieldTypes {
		seen[field] = map[bson.Type]bool{}
	}
	for seed := range int64(200) {
		for name, docs := range Generate(seed, Tiny).Raw() {
			for _, doc := range docs {
				noteTypes(seen, name, doc)
			}
		}
	}
	for field, want := range fieldTypes {
		for _, kind := range want {
			if !seen[field][kind] {
				t.Errorf("no %s is of type %v", field, kind)
			}
		}
	}
}

func noteTypes(seen map[string]map[bson.Type]bool, collection string, doc bson.Raw) {
	for name, types := range seen {
		if in, field, _ := strings.Cut(name, "."); in == collection {
			types[doc.Lookup(field).Type] = true
		}
	}
}

func TestOnlyMongoDBGetsWhatFerretDBCannotStore(t *testing.T) {
	for _, only := range []bool{false, true} {
		o := TinyOptions(3)
		o.MongoDBOnly, o.Files, o.SmartAlbums, o.Dirt = only, 300, 50, 0.5
		docs := GenerateWith(3, o).Raw()
		if has := hasNaN(docs[fileRecords]); has != only {
			t.Errorf("MongoDBOnly is %v, and a size is no number: %v", only, has)
		}
		if has := hasOperator(docs[albums]); has != only {
			t.Errorf("MongoDBOnly is %v, and a query has an operator: %v", only, has)
		}
	}
}

func hasNaN(files []bson.Raw) bool {
	for _, file := range files {
		if size, ok := file.Lookup("size_bytes").DoubleOK(); ok && math.IsNaN(size) {
			return true
		}
	}
	return false
}

func hasOperator(albums []bson.Raw) bool {
	for _, album := range albums {
		for _, e := range decode(album) {
			query, _ := e.Value.(bson.D)
			for _, condition := range query {
				if _, is := condition.Value.(bson.D); is {
					return true
				}
			}
		}
	}
	return false
}
