package databaseoptimization

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/vectors"
)

// plan is what will be done, and what a person should know besides.
type plan struct {
	compactions []compaction
	threshold   float64 // bytes that a compaction must return
	creations   []creation
	vectors     vectors.Plan
	conflicting int64
	extra       []string // indexes that nobody declared
	warnings    []string
	refused     refusals
	noFolder    bool // for the library's vectors
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

const mebibyte = 1 << 20

func decide(f facts, o jobspec.Options) plan {
	p := plan{refused: f.refused, noFolder: f.noFolder, threshold: o.CompactThresholdMB * mebibyte}
	p.decideCompactions(f, o)
	for _, c := range f.collections {
		p.decideIndexes(c)
	}
	if f.vectors != nil {
		p.vectors = f.vectors.Plan()
		p.warnings = append(p.warnings, p.vectors.Warnings...)
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
