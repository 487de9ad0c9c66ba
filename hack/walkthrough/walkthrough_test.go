package walkthrough

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/hack/pages"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// Seen to fail when a step was left out, when a declared word was misspelt, and when an expected line was another.
func TestTheWalkThroughsOfContributingWork(t *testing.T) {
	controllerGen := tooltest.Path(t, "controller-gen")
	page := contributing(t)
	s := mongotest.New(t)
	fill(t, s)
	y := &typist{T: t, folder: copyOf(t, tooltest.Root())}
	y.shortenGenerate()
	y.env = append(os.Environ(), "MONGODB_URI="+s.URI+s.Name, "GOPROXY=off", "GOTOOLCHAIN=local",
		"TOOLS_DIR="+filepath.Dir(filepath.Dir(controllerGen)), "TOOLS_BIN="+filepath.Dir(controllerGen))
	for _, block := range page.Blocks {
		y.do(block)
	}
}

func contributing(t *testing.T) pages.Page {
	t.Helper()
	all, err := pages.Read(os.DirFS(filepath.Join(tooltest.Root(), "docs")))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range all {
		if page.Path == "contributing.md" && len(page.Blocks) > 0 {
			return page
		}
	}
	t.Fatal("docs/contributing.md has no blocks")
	return pages.Page{}
}

// shortenGenerate takes out of `make generate` what has nothing to do with a task and takes minutes: to build
// controller-gen, and to build every program for docs/reference.
func (y *typist) shortenGenerate() {
	const name = "hack/generate.sh"
	script, err := os.ReadFile(filepath.Join(y.folder, name))
	if err != nil {
		y.Fatal(err)
	}
	var kept strings.Builder
	for line := range strings.Lines(string(script)) {
		if !strings.HasPrefix(line, "hack/tools/build.sh") && !strings.HasPrefix(line, "go run ./hack/reference") {
			kept.WriteString(line)
		}
	}
	if err := os.WriteFile(filepath.Join(y.folder, name), []byte(kept.String()), 0o755); err != nil {
		y.Fatal(err)
	}
}

// fill makes the two small libraries of the page: three files, one of which has a long path, and two films of which one
// names an actor who does not exist.
func fill(t *testing.T, s mongotest.Server) {
	t.Helper()
	actor, file := bson.NewObjectID(), "/library/a-long-name.jpg"
	for collection, documents := range map[string][]any{
		"file_records": {bson.M{"path": "/library/a.jpg"}, bson.M{"path": "/library/b.jpg"}, bson.M{"path": file}},
		"films":        {bson.M{"actor_ids": bson.A{actor}}, bson.M{"actor_ids": bson.A{actor, bson.NewObjectID()}}},
		"actors":       {bson.M{"_id": actor, "film_count": 1}},
	} {
		if _, err := s.DB.Collection(collection).InsertMany(t.Context(), documents); err != nil {
			t.Fatal(err)
		}
	}
}
