package databaseoptimization

import (
	"fmt"
	"maps"
	"slices"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// plan is what will be done, and what a person should know besides.
type plan struct {
	compactions []compaction
	threshold   float64 // bytes that a compaction must return
	creations   []creation
	rebuilds    []rebuild
	reader      *vectorReader // of the vectors, once more, for the files to write
	conflicting int64
	extra       []string // indexes that nobody declared
	warnings    []string
	refused     []string
	withFAISS   bool
}

// compaction is one collection to compact.
type compaction struct {
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
}

const mebibyte = 1 << 20

func decide(f facts, o jobspec.Options) plan {
	p := plan{refused: f.refused, withFAISS: f.vectors != nil, threshold: o.CompactThresholdMB * mebibyte}
	for _, c := range f.collections {
		p.decideCompaction(c, f.compactionHurts, o)
		p.decideIndexes(c)
	}
	if f.vectors != nil {
		p.reader = f.vectors.reader
		p.decideVectors(*f.vectors)
	}
	return p
}

func (p *plan) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

func (p *plan) decideCompaction(c collectionFacts, hurts bool, o jobspec.Options) {
	switch {
	case c.space == nil:
	case !c.space.Known:
		p.warn("%s was not compacted: the server does not say what that would return", c.name)
	case !p.worthwhile(*c.space):
	case hurts && !o.CompactPrimary:
		p.warn("%s was not compacted although %s would come back, since that holds up the clients of this server: compact each secondary of the replica set, or allow it here with --compact-primary",
			c.name, size(c.space.Reusable))
	default:
		p.compactions = append(p.compactions, compaction{collection: c.name, expected: c.space.Reusable})
	}
}

// worthwhile tells whether compaction would return enough.
func (p *plan) worthwhile(s mongodb.Space) bool {
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
	if v.nameless > 0 {
		p.warn("%d vectors were left out: their provider is no text that can be a file's name", v.nameless)
	}
	for _, name := range slices.Sorted(maps.Keys(v.providers)) {
		p.decideProvider(name, v.providers[name])
	}
}

func (p *plan) decideProvider(name string, f *providerFacts) {
	dimension := f.chosen()
	p.warnAboutFlaws(name, dimension, f)
	usable := f.dimensions[dimension]
	if usable == nil || usable.content.Count() == 0 {
		if f.present.exists {
			p.warn("%s: the database has no vector that an index can hold, so the present index was left as it is", name)
		}
		return
	}
	r := rebuild{provider: name, dimension: dimension, vectors: usable.content.Count()}
	switch {
	case !f.present.exists:
		r.why = "there is none"
	case f.present.damaged != "":
		r.why = f.present.damaged
	case f.present.sidecar.Dimension != dimension || f.present.sidecar.Content != usable.content.Sum():
		r.why = fmt.Sprintf("the present one, of %d vectors, differs from the database", f.present.sidecar.Count)
	default:
		return
	}
	p.rebuilds = append(p.rebuilds, r)
}

// chosen is the dimension that counts: the declared one, else that of the most vectors, of two the smaller.
func (f *providerFacts) chosen() int {
	if f.declared > 0 {
		return f.declared
	}
	return f.usual()
}

// usual is the dimension of the most vectors, of two the smaller; 0 where there is none.
func (f *providerFacts) usual() int {
	best := 0
	for _, n := range slices.Sorted(maps.Keys(f.dimensions)) {
		if best == 0 || f.dimensions[n].content.Count() > f.dimensions[best].content.Count() {
			best = n
		}
	}
	return best
}

// warnAboutFlaws says what was left out, and what to write where the declared length is not that of the vectors.
func (p *plan) warnAboutFlaws(name string, dimension int, f *providerFacts) {
	left := map[string]int64{}
	for why, n := range f.flaws {
		left[string(why)] += n
	}
	for n, d := range f.dimensions {
		if n != dimension {
			left[fmt.Sprintf("of %d numbers, while the index holds vectors of %d", n, dimension)] += d.all()
			continue
		}
		for why, count := range d.flaws {
			left["that are "+string(why)] += count
		}
	}
	for _, why := range slices.Sorted(maps.Keys(left)) {
		p.warn("%s: %d vectors %s were left out", name, left[why], why)
	}
	if usual := f.usual(); f.declared > 0 && usual > 0 && usual != f.declared {
		p.warn("%s: the declaration says that a vector has %d numbers, and most have %d: write vectors.dimensions.%s: %d in the declaration, or leave the line out",
			name, f.declared, usual, name, usual)
	}
}
