package databaseoptimization

import "ucorefs.io/maintenance/pkg/faiss"

// maxDrafts bounds the files that hold vectors while the sources are read. A clean library has one provider or two, each
// with vectors of one length.
const maxDrafts = 16

// collected are the vectors of one provider and length that were read. They are summed up, and kept in a draft of the
// index, so that the index can be written without reading them again.
type collected struct {
	content faiss.Content
	draft   *faiss.Draft // nil: they are not kept
}

func (c *collected) add(id faiss.ObjectID, unit []float32) {
	if c.draft == nil {
		c.content.Add(id, unit)
		return
	}
	if err := c.draft.Add(id, unit); err != nil {
		c.drop() // as on a full disk; whoever has to write the index reads them once more, and meets that error
	}
}

// drop keeps the vectors no longer.
func (c *collected) drop() {
	if c.draft != nil {
		c.content = c.draft.Content()
		_ = c.draft.Close() // what is lost is not needed
		c.draft = nil
	}
}

// sum is the digest of the vectors.
func (c *collected) sum() faiss.Content {
	if c.draft != nil {
		return c.draft.Content()
	}
	return c.content
}

// count is how many vectors there are.
func (c *collected) count() int64 {
	sum := c.sum()
	return sum.Count()
}

// collect begins to collect vectors of a provider that have n numbers. Those that no index will hold are not kept.
func (v *vectorFacts) collect(p *providerFacts, n int) *collected {
	c := &collected{}
	if v.drafts < maxDrafts && (p.declared == 0 || p.declared == n) {
		c.draft, _ = v.folder.Draft(n) // nil where the folder has no room for it or cannot be written
		v.drafts++
	}
	return c
}

// dropUnneeded lets go of the drafts of which no index will be made.
func (v *vectorFacts) dropUnneeded() {
	for _, p := range v.providers {
		dimension := p.dimension()
		for n, c := range p.lengths {
			if n != dimension || p.present.differs(n, c) == "" {
				c.drop()
			}
		}
	}
}
