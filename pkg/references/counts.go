package references

import (
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/naming"
	"ucorefs.io/maintenance/pkg/report"
)

// The keys of the counts, after the nouns of the declaration: brokenTagRefs, tagRefsRemoved, filesCleaned,
// embeddingsRemoved.
func brokenKey(ref library.Reference) string {
	return "broken" + strings.ToUpper(ref.Counts[:1]) + ref.Counts[1:] + "Refs"
}

func removedKey(ref library.Reference) string { return ref.Counts + "RefsRemoved" }

// documentKey is what a document counts as that loses references or goes.
func documentKey(l library.Library, collection string, deleted bool) string {
	if deleted {
		return l.Noun(collection) + "Removed"
	}
	return l.Noun(collection) + "Cleaned"
}

// Counts are how many references of each declared kind are broken.
func (f *Findings) Counts() report.Counts {
	counts := report.Counts{}
	for i, ref := range f.Library.References {
		counts[brokenKey(ref)] += f.References[i].Broken
	}
	return counts
}

// NoCounts are the counts of a plan that changes nothing: a key for all that a plan may change.
func NoCounts(l library.Library) report.Counts {
	counts := report.Counts{}
	for _, ref := range l.References {
		if ref.Dangling != library.Report {
			counts[removedKey(ref)] = 0
			counts[documentKey(l, ref.From.Collection, ref.Dangling == library.Delete)] = 0
		}
	}
	return counts
}

// Count adds the documents that change or go, and the references that are removed with them.
func (p Plan) Count(counts report.Counts) { p.count(counts, p.Changes...) }

func (p Plan) count(counts report.Counts, changes ...Change) {
	for _, c := range changes {
		counts[documentKey(p.Library, c.Collection, c.Deleted)]++
		for _, o := range c.Lost {
			counts[removedKey(p.Library.References[o.Reference])]++
		}
	}
}

// Losing is how many documents lose something in one reference.
type Losing struct {
	Documents int64
	Again     int64 // of them, those that an earlier reference counts too
}

// Losing is, in the order of Library.References, how many documents each takes something from.
func (p Plan) Losing() []Losing {
	losing := make([]Losing, len(p.Library.References))
	for _, c := range p.Changes {
		for n, i := range c.references() {
			losing[i].Documents++
			if n > 0 {
				losing[i].Again++
			}
		}
	}
	return losing
}

// Text says what becomes of a document, such as "file_records 6f…: tag_ids without 6a…, tag_ids without 6b…".
func (p Plan) Text(c Change) string { return p.Describe(c, nil) }

// Describe is Text with the name of the document, where that is known.
func (p Plan) Describe(c Change, names naming.Names) string {
	parts := make([]string, len(c.Lost))
	for i, o := range c.Lost {
		ref := p.Library.References[o.Reference]
		parts[i] = fmt.Sprintf(loses[ref.Dangling], ref.From.Name, o.Target)
	}
	return fmt.Sprintf("%s: %s", names.Text(naming.Document{Collection: c.Collection, ID: c.Document}),
		strings.Join(parts, ", "))
}

var loses = map[library.Action]string{
	library.Pull: "%s without %s", library.Clear: "%s cleared of %s", library.Delete: "deleted with %s %s",
}

// Texts are all changes in words: they name the plan.
func (p Plan) Texts() []string {
	texts := make([]string, len(p.Changes))
	for i, c := range p.Changes {
		texts[i] = p.Text(c)
	}
	return texts
}
