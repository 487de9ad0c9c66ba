package disks

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// indexes is an index folder with the library whose vectors it holds.
type indexes struct {
	*workshop
	db mongotest.Server
}

// indexState is a state of an index folder, before the first run or when there is an index.
type indexState struct {
	name string
	do   func(x *indexes)
	// works: each run publishes an index nevertheless.
	works bool
}

const vectors = 5

// mostCopies are two generations, current, before, and one that is being built.
const mostCopies = 5

func newIndexes(t *testing.T, server *strictmongo.Server) *indexes {
	t.Helper()
	x := &indexes{newWorkshop(t), mongotest.At(t, server.URI)}
	x.o.Task, x.o.IndexDir, x.o.MongoDBURI, x.o.Database = jobspec.DatabaseOptimization, x.folder, x.db.URI, x.db.Name
	x.vectors(0)
	return x
}

// vectors has the library hold other vectors than before.
func (x *indexes) vectors(round int) {
	x.t.Helper()
	files := x.db.DB.Collection("file_records")
	_, err := files.DeleteMany(x.t.Context(), bson.D{})
	x.must(err)
	for i := range vectors {
		clip := bson.D{{Key: "vector", Value: bson.A{1.0, float64(i), float64(round)}}}
		_, err := files.InsertOne(x.t.Context(), bson.D{
			{Key: "_id", Value: bson.ObjectID{11: byte(i + 1)}}, {Key: "path", Value: fmt.Sprint("/library/", i)},
			{Key: "embeddings", Value: bson.D{{Key: "clip", Value: clip}}},
		})
		x.must(err)
	}
}

// whole fails where there is an index that is not whole. It tells whether there is one.
func (x *indexes) whole(when string) bool {
	x.t.Helper()
	f, err := faiss.OpenFolder(x.folder)
	x.must(err)
	defer f.Close()
	sidecar, err := f.Read("clip", faiss.Visit{})
	there := err == nil
	if errors.As(err, new(*faiss.DamagedError)) || there && sidecar.Count != vectors {
		tree := strings.Join(treeOf(x.t, x.folder), "\n")
		x.t.Errorf("%s: the index holds %d vectors: %v\n%s", when, sidecar.Count, err, tree)
	}
	x.unharmed(when)
	return there
}

// fewCopies fails where copies pile up after a run that wrote an index.
func (x *indexes) fewCopies(when string) {
	x.t.Helper()
	own := 0
	entries, _ := os.ReadDir(x.on("clip.generations"))
	for _, e := range entries {
		in := x.on("clip.generations/" + e.Name())
		isTheirs := func(path string) bool { return strings.HasPrefix(path, in) }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(x.theirs)), isTheirs) {
			own++
		}
	}
	if own > mostCopies {
		x.t.Errorf("%s: copies pile up: %v", when, entries)
	}
}

// Nothing that is another's changes in an index folder or beside it, an index is whole or not there, and no copies pile
// up, whatever is in the folder.
func TestAnIndexIsWholeInAnyStateOfItsFolder(t *testing.T) {
	needsRoot(t)
	if !inMountNamespace(t) {
		return
	}
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	for _, s := range indexStates() {
		for _, moment := range []string{atFirst, known} {
			t.Run(s.name+", "+moment, func(t *testing.T) {
				x := newIndexes(t, server)
				if moment == known {
					x.run()
				}
				s.do(x)
				for n := range 4 {
					x.vectors(n + 1)
					r := x.run()
					when := fmt.Sprintf("run %d, %s/%s: %s %v", n, r.Outcome, r.Reason, r.Message, r.Warnings)
					if r.Reason == report.ReasonInternal {
						t.Errorf("%s", when)
					}
					x.fewCopies(when)
					published := r.Outcome == report.Succeeded && r.Counts["faissIndexesRebuilt"] == 1
					if there := x.whole(when); s.works && (!there || !published) {
						t.Errorf("%s: no index was published: %v", when, r.Counts)
					}
				}
			})
		}
	}
	t.Logf("%d states of index folders, each twice, every index whole", len(indexStates()))
}

func indexStates() []indexState {
	const generations = "clip.generations/"
	states := []indexState{
		{"nothing else", func(*indexes) {}, true},
		{"a person's folder with a date for a name", func(x *indexes) {
			x.their(x.on(generations+"20250101/notes.txt"), "mine")
		}, true},
		{"a person's copy of a generation", func(x *indexes) {
			for _, name := range []string{"clip.faiss", "clip.ids"} {
				content, err := os.ReadFile(x.on(generations + "00000001/" + name))
				if errors.Is(err, fs.ErrNotExist) {
					content = []byte("mine")
				}
				x.their(x.on(generations+"20250102/"+name), string(content))
			}
		}, true},
		{"a folder with the number that comes next", func(x *indexes) {
			x.their(x.on(generations+"00000002/clip.faiss"), "mine")
		}, true},
		{"a person's notes in a generation", func(x *indexes) {
			x.their(x.on(generations+"00000001/notes.txt"), "mine")
		}, true},
		{"a person's notes where a generation is built", func(x *indexes) {
			x.their(x.on(generations+"temporary/notes.txt"), "mine")
		}, false},
		{"a person's notes where a generation is removed", func(x *indexes) {
			x.their(x.on(generations+"outgoing/notes.txt"), "mine")
		}, false},
		{"a folder for the application's own index", func(x *indexes) {
			x.must(os.RemoveAll(x.on("clip.faiss")))
			x.their(x.on("clip.faiss/notes.txt"), "mine")
		}, false},
		{"files of other programs", func(x *indexes) {
			x.their(x.on("other.faiss"), "theirs")
			x.their(x.on(generations+"notes.txt"), "mine")
		}, true},
		{"something is mounted where a generation is built", func(x *indexes) {
			x.mount("tmpfs", "none", generations+"temporary", 0, "size=1m")
			x.their(x.on(generations+"temporary/clip.faiss"), "mine")
		}, false},
		{"a folder of the same disk is mounted where a generation is built", func(x *indexes) {
			x.their(x.beside+"/clip.faiss", "mine")
			x.mount("", x.beside, generations+"temporary", unix.MS_BIND, "")
		}, false},
		{"something is mounted below the folder", func(x *indexes) {
			x.mount("tmpfs", "none", "sub", 0, "size=1m")
			x.their(x.on("sub/clip.faiss"), "mine")
		}, true},
		{"a folder of a person where a generation is built", func(x *indexes) {
			x.their(x.on(generations+"temporary/deep/photo.jpg"), "mine")
		}, false},
		{"the generations are a link to a folder beside", func(x *indexes) {
			x.must(os.RemoveAll(x.on("clip.generations")))
			x.their(x.beside+"/photo.jpg", "mine")
			x.must(os.Symlink(x.beside, x.on("clip.generations")))
		}, false},
		{"the generations are a file", func(x *indexes) {
			x.must(os.RemoveAll(x.on("clip.generations")))
			x.their(x.on("clip.generations"), "mine")
		}, false},
		{"the disk makes no links", func(x *indexes) { x.refused = "symlinkat" }, false},
		{"the disk makes no hard links", func(x *indexes) { x.refused = "linkat" }, false},
		{"the disk renames nothing", func(x *indexes) { x.refused = "renameat" }, false},
		{"the folder can only be read", func(x *indexes) {
			x.mount("", x.folder, ".", unix.MS_BIND, "")
			x.must(unix.Mount("", x.folder, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
		}, false},
		{"nobody may write", func(x *indexes) { x.must(os.Chmod(x.folder, 0o755)); x.nobody = true }, false},
	}
	for name, put := range things {
		states = append(states, indexState{"where a generation is built is " + name, func(x *indexes) {
			x.must(os.MkdirAll(x.on("clip.generations"), 0o755))
			put(&lab{t: x.t, dir: x.beside}, x.on(generations+"temporary"))
		}, false})
	}
	return states
}

// Whatever call fails, an index is whole or not there, and the next run publishes one.
func TestAnIndexIsWholeWhateverSystemCallFails(t *testing.T) {
	needsRoot(t)
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	x := newIndexes(t, server)
	x.their(x.on("clip.generations/20250101/notes.txt"), "mine")
	x.run()
	x.vectors(1)
	_, counted := injected(t, x.o, x.folder, injection{})
	list := injections(counted, stride(t))
	for n, i := range list {
		x.vectors(n + 2)
		r, _ := injected(t, x.o, x.folder, i)
		if !x.whole(fmt.Sprintf("%s: %s/%s: %s", i, r.Outcome, r.Reason, r.Message)) {
			t.Errorf("%s: the index is gone: %s/%s: %s", i, r.Outcome, r.Reason, r.Message)
		}
		x.vectors(n + 2 + len(list)) // so that an index is written
		if r := x.run(); r.Outcome != report.Succeeded || !x.whole(i.String()) {
			t.Errorf("%s: the run after that is %s/%s: %s", i, r.Outcome, r.Reason, r.Message)
		}
		x.fewCopies(i.String())
		if ends(t) {
			return
		}
	}
	t.Logf("%d states of failing calls, of %d calls, every index whole", len(list), sum(counted))
}
