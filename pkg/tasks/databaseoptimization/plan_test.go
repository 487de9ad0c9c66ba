package databaseoptimization

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

// options are the defaults, with a threshold in MiB.
func options(threshold float64, primary bool) jobspec.Options {
	o := jobspec.Defaults()
	o.CompactThresholdMB, o.CompactPrimary = threshold, primary
	return o
}

// Seen to fail when a primary was compacted like any other server.
func TestACollectionIsCompactedOnlyWhereThatReturnsEnoughAndHurtsNobody(t *testing.T) {
	known := func(bytes int64) *admin.Space { return &admin.Space{Bytes: 1 << 40, Reusable: bytes, Known: true} }
	for name, c := range map[string]struct {
		space   *admin.Space
		hurts   bool
		options jobspec.Options
		compact bool
		warning string
	}{
		"enough would come back":                    {known(64 << 20), false, options(64, false), true, ""},
		"a byte less than the threshold":            {known(64<<20 - 1), false, options(64, false), false, ""},
		"nothing would come back, and no threshold": {known(0), false, options(0, false), false, ""},
		"the server does not say": {
			&admin.Space{Bytes: 1 << 40}, false, options(0, false), false, "does not say"},
		"the server refused to say": {nil, false, options(0, false), false, ""},
		"a primary, although much would come back": {
			known(1 << 30), true, options(64, false), false, "allow it here with --compact-primary"},
		"a primary on which little would come back":       {known(1), true, options(64, false), false, ""},
		"a primary on which compaction was allowed":       {known(1 << 30), true, options(64, true), true, ""},
		"a primary on which it was, but little came back": {known(1), true, options(64, true), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			place := placeFacts{Place: admin.Place{Hurts: c.hurts}}
			if c.space != nil {
				place.spaces = []space{{"files", *c.space}}
			}
			f := facts{places: []placeFacts{place}, collections: []collectionFacts{{name: "files"}}}
			p := decide(f, c.options)
			if got := len(p.compactions) == 1; got != c.compact {
				t.Errorf("compact: %v", p.compactions)
			}
			if got := strings.Join(p.warnings, "\n"); !strings.Contains(got, c.warning) || (got == "") != (c.warning == "") {
				t.Errorf("the warnings are %q, want %q", got, c.warning)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	by := func(name string, keys ...admin.IndexKey) admin.Index {
		return admin.Index{Name: name, Keys: keys}
	}
	up := func(field string) admin.IndexKey { return admin.IndexKey{Field: field, Order: "1"} }
	down := admin.IndexKey{Field: "a", Order: "-1"}
	id := by("_id_", up("_id"))
	a := library.Index{Fields: []string{"a"}}
	ab := library.Index{Fields: []string{"a", "b"}}
	unique := library.Index{Fields: []string{"a"}, Unique: true}
	wants := func(list ...library.Index) []library.Index { return list }
	has := func(list ...admin.Index) []admin.Index { return list }
	alone := func(index admin.Index) admin.Index { index.Unique = true; return index }
	special := func(index admin.Index, options ...string) admin.Index {
		index.Options = options
		return index
	}
	for name, c := range map[string]struct {
		want []library.Index
		have []admin.Index
		then comparison
	}{
		"there is nothing but the ids":            {wants(a), has(id), comparison{missing: wants(a)}},
		"it is there":                             {wants(a), has(id, by("a_1", up("a"))), comparison{}},
		"it is there by another name":             {wants(a), has(by("mine", up("a"))), comparison{}},
		"it is there, and unique":                 {wants(a), has(alone(by("a_1", up("a")))), comparison{}},
		"it is there and unique, as it should be": {wants(unique), has(alone(by("a_1", up("a")))), comparison{}},
		"one over more fields is another": {wants(a), has(by("a_1_b_1", up("a"), up("b"))),
			comparison{missing: wants(a), extra: []string{"a_1_b_1"}}},
		"the order of the fields matters": {wants(ab), has(by("b_1_a_1", up("b"), up("a"))),
			comparison{missing: wants(ab), extra: []string{"b_1_a_1"}}},
		"a descending one is another": {wants(a), has(by("a_-1", down)),
			comparison{missing: wants(a), extra: []string{"a_-1"}}},
		"its name is taken": {wants(a), has(by("a_1", up("b"))),
			comparison{conflicting: []string{"a_1 should be over a, but the server has a_1 over b"}}},
		"its name is taken, but it is there": {wants(a), has(by("a_1", down), by("mine", up("a"))), comparison{}},
		"it is not unique and should be": {wants(unique), has(by("a_1", up("a"))),
			comparison{conflicting: []string{"a_1 should be over a, unique, but the server has a_1 over a"}}},
		"it is sparse, and so not of all": {wants(a), has(special(by("x", up("a")), "sparse: true")),
			comparison{conflicting: []string{"a_1 should be over a, but the server has x over a, sparse: true"}}},
		"one of text is taken for what it is": {
			wants(a), has(special(by("a_1", admin.IndexKey{Field: "_fts", Order: "text"}), "weights: {}")),
			comparison{conflicting: []string{"a_1 should be over a, but the server has a_1 over _fts (text), weights: {}"}}},
		"an extra one does not hide a missing": {wants(a, ab), has(id, by("c_1", up("c")), by("a_1", up("a"))),
			comparison{missing: wants(ab), extra: []string{"c_1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.then, compare(c.want, c.have), cmp.AllowUnexported(comparison{})); diff != "" {
				t.Errorf("compare() (-want +got):\n%s", diff)
			}
		})
	}
}
