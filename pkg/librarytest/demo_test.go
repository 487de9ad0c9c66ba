package librarytest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestTheDemoIsWhatTheDemoPromises(t *testing.T) {
	l := Generate(1, Demo)
	for name, want := range map[string]int{"file_records": 3000, "tags": 40, "albums": 12, "directory_records": 60, "embeddings": 250} {
		if got := len(l.Docs[name]); got != want {
			t.Errorf("%d documents in %s, want %d", got, name, want)
		}
	}
	if n := len(l.Missing); n < 15 || n > 40 {
		t.Errorf("%d files are gone from disk, want about 25", n)
	}
	size := 0
	for _, docs := range Raw(l.Docs) {
		for _, doc := range docs {
			size += len(doc)
		}
	}
	if size > 8<<20 {
		t.Errorf("the demo has %d bytes of documents, more than 8 MiB", size)
	}
}

// dangling are the references of which the demo must have a broken one: what verify-references is shown to find.
var dangling = []struct{ from, field, to string }{
	{"file_records", "tag_ids", "tags"}, {"file_records", "album_ids", "albums"},
	{"file_records", "parent_id", "directory_records"}, {"file_records", "root_id", "directory_records"},
	{"albums", "file_ids", "file_records"}, {"albums", "cover_id", "file_records"},
	{"tags", "parent_id", "tags"}, {"albums", "parent_id", "albums"}, {"directory_records", "parent_id", "directory_records"},
	{"embeddings", "file_id", "file_records"},
}

func TestTheDemoHasEveryKindOfDamageWhateverItsSeed(t *testing.T) {
	for seed := range int64(5) {
		docs := Raw(Generate(seed, Demo).Docs)
		for _, d := range dangling {
			if countDangling(docs, d.from, d.field, d.to) == 0 {
				t.Errorf("seed %d: no %s.%s is dangling", seed, d.from, d.field)
			}
		}
		for _, v := range Check(docs) {
			if v.Right == v.Total {
				t.Errorf("seed %d: no counter of %s drifted", seed, v.Collection)
			}
		}
	}
}

func countDangling(docs map[string][]bson.Raw, from, field, to string) (n int) {
	exists := map[string]bool{}
	for _, doc := range docs[to] {
		exists[idOf(doc)] = true
	}
	for _, doc := range docs[from] {
		v := doc.Lookup(field)
		ids := distinct(v)
		if _, list := v.ArrayOK(); !list && refers(v) {
			ids = map[string]bool{Key(v): true}
		}
		for id := range ids {
			if !exists[id] {
				n++
			}
		}
	}
	return n
}
