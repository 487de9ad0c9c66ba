package library

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAModelSaysWhatDiffersOnly(t *testing.T) {
	want := UCoreFS()
	want.Files.Collection, want.Files.Size, want.Tasks.Finished = "photos", "bytes", []string{"done"}
	got, err := Parse([]byte(`{"files": {"collection": "photos", "size": "bytes"}, "tasks": {"finished": ["done"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheDefaultIsValidAndAnEmptyModelIsTheDefault(t *testing.T) {
	got, err := Parse([]byte(`{}`))
	if diff := cmp.Diff(UCoreFS(), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// Each wrong model is refused with the place and what to write. An unknown field was seen to pass without
// DisallowUnknownFields: the task would then have read another field than the one that was meant.
func TestAWrongModelIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"an unknown field":               {`{"files": {"tagz": "tag_ids"}}`, `unknown field "tagz"`},
		"an unknown collection":          {`{"photos": {}}`, `unknown field "photos"`},
		"an empty name":                  {`{"files": {"path": ""}}`, "files.path"},
		"a dotted field":                 {`{"files": {"size": "meta.size"}}`, "files.size"},
		"an operator":                    {`{"tags": {"name": "$where"}}`, "tags.name"},
		"two roles for one collection":   {`{"tags": {"collection": "albums"}}`, "albums.collection and tags.collection"},
		"maintenance's own collection":   {`{"journal": {"collection": "maintenance_journal"}}`, "journal.collection"},
		"a running task called finished": {`{"tasks": {"finished": ["completed", "running"]}}`, `"running" is not finished`},
		"no finished status":             {`{"tasks": {"finished": []}}`, "tasks.finished is empty"},
		"a dimension that cannot be":     {`{"embeddings": {"dimensions": {"clip": 0}}}`, "embeddings.dimensions"},
		"not JSON":                       {`files: {}`, "write the names that differ"},
		"something after it":             {`{} {}`, "something after"},
		"a name that is not a text":      {`{"files": {"path": 3}}`, "path"},
	} {
		if _, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q in it", name, err, c.says)
		}
	}
}
