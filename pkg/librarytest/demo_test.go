package librarytest

import "testing"

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

// dangling are the fields of which the demo must have a broken reference: what verify-references is shown to find.
var dangling = []string{
	"file_records.tag_ids", "file_records.album_ids", "file_records.parent_id", "file_records.root_id",
	"albums.file_ids", "albums.cover_id", "tags.parent_id", "albums.parent_id", "directory_records.parent_id", "embeddings.file_id",
}

func TestTheDemoHasEveryKindOfDamageWhateverItsSeed(t *testing.T) {
	for seed := range int64(3) {
		docs, found := Raw(Generate(seed, Demo).Docs), map[string]bool{}
		for _, d := range Danglings(docs) {
			found[d.Collection+"."+d.Field] = true
		}
		for _, field := range dangling {
			if !found[field] {
				t.Errorf("seed %d: no %s is dangling", seed, field)
			}
		}
		for _, v := range Check(docs) {
			if v.Right == v.Total {
				t.Errorf("seed %d: no counter of %s drifted", seed, v.Collection)
			}
		}
	}
}
