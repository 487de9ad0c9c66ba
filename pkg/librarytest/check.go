package librarytest

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/library"
)

// Verdict is how many documents of one collection have every counter right.
type Verdict struct {
	Collection   string
	Right, Total int
	// Wrong says of each counter that is not right what it is and what it should be.
	Wrong []string
}

// Check recounts all counters of docs, as read back from a database, and compares: one Verdict for tags, albums and
// directories each. Smart albums with an invalid query are left out.
func Check(m library.Model, docs Docs) []Verdict {
	verdicts := []Verdict{{Collection: m.Tags.Collection}, {Collection: m.Albums.Collection}, {Collection: m.Directories.Collection}}
	counters := Recount(m, docs).Counters
	for i := range verdicts {
		verdicts[i].judge(docs, counters)
	}
	return verdicts
}

func (v *Verdict) judge(docs Docs, counters []Counter) {
	judged, wrong := map[int]bool{}, map[int]bool{}
	for _, c := range counters {
		if c.Collection != v.Collection {
			continue
		}
		judged[c.Index] = true
		doc := docs[c.Collection][c.Index]
		if have := value(doc, c.Field); !Equal(have, c.Want) {
			wrong[c.Index] = true
			v.Wrong = append(v.Wrong, fmt.Sprintf("%s %v: %s is %v, should be %d", c.Collection, value(doc, "_id"), c.Field, have, c.Want))
		}
	}
	v.Total, v.Right = len(judged), len(judged)-len(wrong)
}
