package cleanuporphanedrecords_test

import (
	"slices"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/report"
)

// expectation is what a run should do, by the oracles. Only the names of the counts are the declaration's.
type expectation struct {
	docs    librarytest.Docs
	counts  report.Counts
	refused bool // references that would be removed lead into nothing but empty collections
}

func expect(declared library.Library, l librarytest.Layout, before librarytest.Docs) expectation {
	e := expectation{docs: l.Cleaned(before), counts: report.Counts{}}
	if len(before["detection_instances"]) == 0 && len(before["file_records"]) > 0 && len(before["relations"]) > 0 {
		e.docs["relations"] = before["relations"] // what they lead to may have been a detection
	}
	for _, ref := range l.References() {
		if ref.Dangling == librarytest.Report {
			continue
		}
		e.countDocuments(declared, ref, before)
		e.countReferences(declared, l, ref, before)
		e.refused = e.refused || brokenIn(l, ref, before) > 0 && allEmpty(ref.To, before)
	}
	return e
}

// countDocuments counts the documents that a reference may change or take along.
func (e expectation) countDocuments(declared library.Library, ref librarytest.Reference, before librarytest.Docs) {
	was, is := librarytest.ByID(before[ref.From]), librarytest.ByID(e.docs[ref.From])
	noun, removed, cleaned := declared.Noun(ref.From), int64(0), int64(0)
	for id, doc := range was {
		switch left, there := is[id]; {
		case !there:
			removed++
		case left != doc:
			cleaned++
		}
	}
	if ref.Dangling == librarytest.Delete {
		e.counts[noun+"Removed"] = removed
		return
	}
	e.counts[noun+"Cleaned"] = cleaned
}

// countReferences counts the occurrences that led nowhere, or to a document that went.
func (e expectation) countReferences(
	declared library.Library, l librarytest.Layout, ref librarytest.Reference, before librarytest.Docs,
) {
	at := slices.IndexFunc(declared.References, func(r library.Reference) bool {
		return r.From.Collection == ref.From && r.From.Name == ref.Field
	})
	docs := librarytest.Docs{}
	for _, to := range ref.To {
		docs[to] = e.docs[to]
	}
	docs[ref.From] = before[ref.From] // no document goes from a collection that refers to itself
	key := declared.References[at].Counts + "RefsRemoved"
	e.counts[key] += brokenIn(l, ref, docs)
	if e.leftAlone(ref, before) {
		e.counts[key] = 0
	}
}

func (e expectation) leftAlone(ref librarytest.Reference, before librarytest.Docs) bool {
	some := slices.ContainsFunc(ref.To, func(to string) bool { return len(before[to]) == 0 })
	return some && !allEmpty(ref.To, before)
}

func brokenIn(l librarytest.Layout, ref librarytest.Reference, docs librarytest.Docs) (n int64) {
	for _, d := range l.Broken(docs) {
		if d.Collection == ref.From && d.Field == ref.Field {
			n++
		}
	}
	return n
}

func allEmpty(collections []string, docs librarytest.Docs) bool {
	return !slices.ContainsFunc(collections, func(c string) bool { return len(docs[c]) > 0 })
}
