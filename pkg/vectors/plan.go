package vectors

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
)

// Plan is which indexes to write.
type Plan struct {
	Rebuilds []Rebuild
	Skipped  int64 // indexes that a Look found up to date
	Warnings []string

	note  *note            // to keep once the indexes are written; nil: none
	files *bsonvalue.IDSet // that exist, for whoever reads the vectors once more
}

// Rebuild is one index to write.
type Rebuild struct {
	Provider  string
	Dimension int
	Vectors   int64
	Why       string

	draft *faiss.Draft
}

func (r Rebuild) String() string {
	return fmt.Sprintf("write the index file of %s with %d vectors of dimension %d: %s", r.Provider, r.Vectors,
		r.Dimension, r.Why)
}

// Writes tells whether there is anything to write.
func (p *Plan) Writes() bool { return len(p.Rebuilds) > 0 || p.note != nil }

// Plan decides which indexes to write.
func (f *Facts) Plan() Plan {
	if f.Doubt == "" {
		return Plan{Skipped: int64(len(f.last.Indexes)), Warnings: f.last.Warnings}
	}
	p := Plan{files: f.files}
	if f.nameless > 0 {
		p.warn("%d vectors were left out: their provider is no text that can be a file's name", f.nameless)
	}
	for _, name := range slices.Sorted(maps.Keys(f.providers)) {
		p.decide(name, f.providers[name])
	}
	if f.next != nil {
		kept := *f.next
		kept.Warnings = slices.Clone(p.Warnings)
		p.note = &kept
	}
	return p
}

func (p *Plan) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

func (p *Plan) decide(name string, of *provider) {
	p.warnAboutFlaws(name, of)
	p.warnAboutLengths(name, of)
	dimension := of.dimension()
	draft := of.drafts[dimension]
	if draft == nil {
		if !errors.Is(of.unusable, fs.ErrNotExist) {
			p.warn("%s: the database has no vector that an index can hold, so the present index was left as it is", name)
		}
		return
	}
	if why := of.differs(dimension); why != "" {
		p.Rebuilds = append(p.Rebuilds, Rebuild{name, dimension, draft.Count(), why, draft})
	}
}

// differs says why the present index must be written again, with vectors of one length that there are; empty where it
// need not.
func (p *provider) differs(dimension int) string {
	switch {
	case errors.Is(p.unusable, fs.ErrNotExist):
		return "there is none"
	case p.unusable != nil:
		return p.unusable.Error()
	case p.present.Dimension != dimension || p.present.Content != p.drafts[dimension].Sum():
		return fmt.Sprintf("the present one, of %d vectors, differs from the database", p.present.Count)
	}
	return ""
}

// dimension is the length of the vectors that belong in the index: the declared one, else the usual one.
func (p *provider) dimension() int {
	if p.declared > 0 {
		return p.declared
	}
	return p.usual()
}

// usual is the length of most vectors, of two that are as frequent the shorter; 0 where there is no vector.
func (p *provider) usual() int {
	best := 0
	for _, n := range slices.Sorted(maps.Keys(p.drafts)) {
		if best == 0 || p.drafts[n].Count() > p.drafts[best].Count() {
			best = n
		}
	}
	return best
}

func (p *Plan) warnAboutFlaws(name string, of *provider) {
	for _, why := range slices.Sorted(maps.Keys(of.flaws)) {
		p.warn("%s: %d vectors %s were left out", name, of.flaws[why], why)
	}
}

// warnAboutLengths names the vectors that the index cannot hold for their length, and says what to write.
func (p *Plan) warnAboutLengths(name string, of *provider) {
	dimension, usual := of.dimension(), of.usual()
	rule := "the declaration says"
	if of.declared == 0 {
		rule = "most have"
	}
	for _, n := range slices.Sorted(maps.Keys(of.drafts)) {
		advice := "the application must compute them again"
		if n == usual {
			advice = fmt.Sprintf("write vectors.dimensions.%s: %d", name, n)
		}
		if n != dimension {
			p.warn("%d vectors of %s have %d numbers, %s %d: %s", of.drafts[n].Count(), name, n, rule, dimension, advice)
		}
	}
}
