package databaseoptimization

import (
	"fmt"
	"maps"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

// plan is what will be done, and what a person should know besides.
type plan struct {
	compactions []compaction
	threshold   float64 // bytes that a compaction must return
	creations   []creation
	rebuilds    []rebuild
	skipped     int64            // indexes that a look found up to date
	note        *note            // to keep once the index files are written; nil: none
	files       *bsonvalue.IDSet // the records of files that exist, for whoever reads the vectors once more
	conflicting int64
	extra       []string // indexes that nobody declared
	warnings    []string
	refused     refusals
	withFAISS   bool
}

// compaction is one collection to compact in one place.
type compaction struct {
	place      admin.Place
	collection string
	expected   int64 // bytes
}

// creation is one index to create.
type creation struct {
	collection string
	index      library.Index
}

// rebuild is one index file to write.
type rebuild struct {
	provider  string
	dimension int
	vectors   int64
	why       string
	draft     *faiss.Draft // its vectors; nil: they have to be read once more
}

const mebibyte = 1 << 20

func decide(f facts, o jobspec.Options) plan {
	p := plan{refused: f.refused, withFAISS: f.vectors != nil, threshold: o.CompactThresholdMB * mebibyte}
	p.decideCompactions(f, o)
	for _, c := range f.collections {
		p.decideIndexes(c)
	}
	if f.vectors != nil {
		p.files = f.vectors.files
		p.decideVectors(*f.vectors)
	}
	return p
}

func (p *plan) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

// decideCompactions goes through the places in their order.
func (p *plan) decideCompactions(f facts, o jobspec.Options) {
	if len(f.places) == 0 && len(f.collections) > 0 {
		p.warn("no collection was compacted: that is not possible through a mongos; run compact on the members of each shard")
	}
	for _, place := range f.places {
		if place.away != "" {
			p.warn("no collection was compacted on %s: %s", place.Name, place.away)
		}
		for _, s := range place.spaces {
			p.decideCompaction(place.Place, s, o)
		}
	}
}

func (p *plan) decideCompaction(place admin.Place, s space, o jobspec.Options) {
	where := s.collection + place.On()
	switch {
	case !s.Known:
		p.warn("%s was not compacted: the server does not say what that would return", where)
	case !p.worthwhile(s.Space):
	case place.Hurts && !o.CompactPrimary:
		p.warn("%s was not compacted although %s would come back, since that holds up the clients of this server: "+
			"allow it here with --compact-primary", where, size(s.Reusable))
	default:
		p.compactions = append(p.compactions, compaction{place: place, collection: s.collection, expected: s.Reusable})
	}
}

// worthwhile tells whether compaction would return enough.
func (p *plan) worthwhile(s admin.Space) bool {
	return s.Known && s.Reusable > 0 && float64(s.Reusable) >= p.threshold
}

func (p *plan) decideIndexes(c collectionFacts) {
	if c.unlisted || len(c.want) == 0 {
		return
	}
	compared := compare(c.want, c.have)
	for _, why := range compared.conflicting {
		p.conflicting++
		p.warn("%s: the index %s: it was left as it is", c.name, why)
	}
	for _, name := range compared.extra {
		p.extra = append(p.extra, c.name+"."+name)
	}
	for _, index := range compared.missing {
		if found := c.duplicates[index.Name()]; found.Documents > 0 {
			p.conflicting++
			p.warnings = append(p.warnings, blocked(c.name, index, found))
			continue
		}
		p.creations = append(p.creations, creation{collection: c.name, index: index})
	}
}

// decideVectors says which index files to write.
func (p *plan) decideVectors(v vectorFacts) {
	if v.trusted != nil {
		p.skipped = int64(len(v.trusted.Indexes))
		p.warnings = append(p.warnings, v.trusted.Warnings...)
		return
	}
	before := len(p.warnings)
	if v.nameless > 0 {
		p.warn("%d vectors were left out: their provider is no text that can be a file's name", v.nameless)
	}
	for _, name := range slices.Sorted(maps.Keys(v.providers)) {
		p.decideProvider(name, v.providers[name])
	}
	if v.note != nil {
		kept := *v.note
		kept.Warnings = slices.Clone(p.warnings[before:])
		p.note = &kept
	}
}

func (p *plan) decideProvider(name string, f *providerFacts) {
	p.warnAboutFlaws(name, f)
	p.warnAboutLengths(name, f)
	dimension := f.dimension()
	content := f.lengths[dimension]
	if content == nil {
		if f.present.exists {
			p.warn("%s: the database has no vector that an index can hold, so the present index was left as it is", name)
		}
		return
	}
	if why := f.present.differs(dimension, content); why != "" {
		p.rebuilds = append(p.rebuilds, rebuild{
			provider: name, dimension: dimension, vectors: content.count(), why: why, draft: content.draft,
		})
	}
}

// differs says why the present index must be written again; empty where it need not.
func (i presentIndex) differs(dimension int, content *collected) string {
	sum := content.sum()
	switch {
	case !i.exists:
		return "there is none"
	case i.damaged != "":
		return i.damaged
	case i.sidecar.Dimension != dimension || i.sidecar.Content != sum.Sum():
		return fmt.Sprintf("the present one, of %d vectors, differs from the database", i.sidecar.Count)
	}
	return ""
}

// dimension is the length of the vectors that belong in the index: the declared one, else the usual one.
func (f *providerFacts) dimension() int {
	if f.declared > 0 {
		return f.declared
	}
	return f.usual()
}

// usual is the length of most vectors, of two that are as frequent the shorter; 0 where there is no vector.
func (f *providerFacts) usual() int {
	best := 0
	for _, n := range slices.Sorted(maps.Keys(f.lengths)) {
		if best == 0 || f.lengths[n].count() > f.lengths[best].count() {
			best = n
		}
	}
	return best
}

func (p *plan) warnAboutFlaws(name string, f *providerFacts) {
	for _, why := range slices.Sorted(maps.Keys(f.flaws)) {
		p.warn("%s: %d vectors %s were left out", name, f.flaws[why], why)
	}
}

// warnAboutLengths names the vectors that the index cannot hold for their length, and says what to write.
func (p *plan) warnAboutLengths(name string, f *providerFacts) {
	dimension, usual := f.dimension(), f.usual()
	rule := "the declaration says"
	if f.declared == 0 {
		rule = "most have"
	}
	for _, n := range slices.Sorted(maps.Keys(f.lengths)) {
		advice := "the application must compute them again"
		if n == usual {
			advice = fmt.Sprintf("write vectors.dimensions.%s: %d", name, n)
		}
		if n != dimension {
			p.warn("%d vectors of %s have %d numbers, %s %d: %s", f.lengths[n].count(), name, n, rule, dimension, advice)
		}
	}
}
