package declare

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// factsOf is what Gather would read of these documents, without stored queries.
func factsOf(docs librarytest.Docs, size int) Facts {
	f := Facts{Database: "films", Found: map[string]*bsonvalue.IDSet{}}
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		all := docs[name]
		s := Sample{Collection: name, Estimate: int64(len(all)), Docs: all}
		if len(all) > size {
			s.Docs = slices.Concat(all[:size/2], all[len(all)-size/2:])
		}
		f.Samples = append(f.Samples, s)
	}
	for collection, ids := range Ask(f.Samples) {
		there := &bsonvalue.IDSet{}
		for _, doc := range docs[collection] {
			there.Add(bsonvalue.Reference(doc, "_id"))
		}
		f.Found[collection] = &bsonvalue.IDSet{}
		for _, id := range ids {
			if there.Has(id) {
				f.Found[collection].Add(id)
			}
		}
	}
	f.Tallies = Tallies(f)
	for _, t := range f.Tallies {
		for _, doc := range docs[t.From.Collection] {
			t.Add(doc)
		}
	}
	return f
}

// declared is the declaration of a real layout.
func declared(t *testing.T, l librarytest.Layout) library.Library {
	t.Helper()
	d, ok := library.Named(l.String())
	if !ok {
		t.Fatalf("there is no library %s", l)
	}
	return d
}

// Seen to fail, on one library or another, without each of: the two forms of an id, the collections in which only one
// in twenty is found, the names of fields for numbers, and the rivals.
func TestAllReferencesWithValuesAreFoundAndNoOther(t *testing.T) {
	libraries := map[string]librarytest.Docs{}
	layouts := map[string]librarytest.Layout{}
	for _, name := range []string{librarytest.Desktop, librarytest.DesktopMaintained} {
		libraries[name], layouts[name] = librarytest.Fixture(name), librarytest.UCoreFS
	}
	for _, l := range []librarytest.Layout{librarytest.UCoreFS, librarytest.Web, librarytest.Shop} {
		for seed := range int64(30) {
			name := fmt.Sprintf("%s, seed %d", l, seed)
			libraries[name], layouts[name] = l.Generate(seed, librarytest.Tiny).Raw(), l
		}
		name := fmt.Sprintf("%s, 3,000 files", l)
		libraries[name], layouts[name] = l.Generate(1, librarytest.Demo).Raw(), l
	}
	for name, docs := range libraries {
		t.Run(name, func(t *testing.T) {
			f := factsOf(docs, 100)
			checkReferences(t, References(f), layouts[name], f)
		})
	}
}

// checkReferences compares guesses with what the layout says.
func checkReferences(t *testing.T, guesses []Reference, l librarytest.Layout, f Facts) {
	t.Helper()
	found := map[library.Field]bool{}
	for _, g := range guesses {
		i := slices.IndexFunc(l.References(), func(r librarytest.Reference) bool {
			return r.From == g.Collection && r.Field == g.Path && r.List == g.List
		})
		switch {
		case g.Nested(), !g.Sure && g.Field() == library.Field{Collection: "tasks", Name: "task_args", List: true}: // ids in texts, of files
		case i < 0:
			t.Errorf("%s is no reference: %s", g.Place, g.Evidence())
		case slices.ContainsFunc(g.To, func(to string) bool { return !slices.Contains(l.References()[i].To, to) }):
			t.Errorf("%s does not refer to %s", g.Place, g.To)
		case g.Sure:
			found[g.Field()] = true
		}
	}
	for _, r := range l.References() {
		field := library.Field{Collection: r.From, Name: r.Field, List: r.List}
		if !found[field] && resolved(f, r) > 0 {
			t.Errorf("%s is not found", field)
		}
	}
}

// resolved is how many sampled ids of the one form that nothing else has lead somewhere through a reference.
func resolved(f Facts, r librarytest.Reference) (n int) {
	for _, doc := range f.sample(r.From).Docs {
		values := []bson.RawValue{doc.Lookup(r.Field)}
		if r.List {
			array, _ := values[0].ArrayOK()
			values, _ = array.Values()
		}
		for _, v := range values {
			for _, to := range r.To {
				if v.Type == bson.TypeObjectID && exists(f.Found[to], bsonvalue.Of(v)) {
					n++
				}
			}
		}
	}
	return n
}

func TestNoWrongCounterIsGuessed(t *testing.T) {
	for _, l := range []librarytest.Layout{librarytest.UCoreFS, librarytest.Web} {
		for seed := range int64(30) {
			for _, c := range Counters(factsOf(l.Generate(seed, librarytest.Tiny).Raw(), 100)) {
				checkCounter(t, declared(t, l), c)
			}
		}
	}
}

// checkCounter fails the test unless the declaration has such a counter, or one that gives the same in a library
// without damage.
func checkCounter(t *testing.T, l library.Library, c Counter) {
	t.Helper()
	if !slices.ContainsFunc(l.Counters, func(d library.Counter) bool { return d.Field == c.Field }) {
		t.Errorf("%s is no counter of %s: %s, %d of %d", c.Field, l.Name, derivation{rule: c.Counter}, c.Equal, c.Compared)
	}
}

func TestInALibraryWithoutDamageEveryCounterIsFound(t *testing.T) {
	for _, l := range []librarytest.Layout{librarytest.UCoreFS, librarytest.Web} {
		docs := librarytest.GenerateWith(5, librarytest.Options{
			Layout: l, Prefix: "/library", Roots: 2, Directories: 60, Files: 800, Tags: 40, Albums: 30, Embeddings: 20,
			Relations:  20,
			Detections: 40, Jobs: 30, Tasks: 20, Journal: 20,
		}).Raw()
		guesses := Counters(factsOf(docs, 200))
		for _, want := range declared(t, l).Counters {
			if want.Matching.Name != "" { // needs a server
				continue
			}
			want.Where = nil // no album here is smart
			if !slices.ContainsFunc(guesses, func(g Counter) bool { return g.Sure && sameRule(g.Counter, want) }) {
				t.Errorf("%s: %s, %s is not found", l, want.Field, derivation{rule: want})
			}
		}
		for _, g := range guesses {
			checkCounter(t, declared(t, l), g)
		}
	}
}

// sameRule tells whether two counters are the same, whatever the order of what they count.
func sameRule(a, b library.Counter) bool {
	byName := func(x, y library.Field) int { return strings.Compare(x.String(), y.String()) }
	a.Count, b.Count = slices.SortedFunc(slices.Values(a.Count), byName), slices.SortedFunc(slices.Values(b.Count), byName)
	return cmp.Equal(a, b)
}
