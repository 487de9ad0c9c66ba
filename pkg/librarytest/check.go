package librarytest

import (
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

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
// directories each. A counter is right if it is the number, of whatever numeric type. Smart albums that Recount leaves out are
// left out here.
func Check(docs map[string][]bson.Raw) []Verdict {
	m, counters := library.UCoreFS(), Recount(docs)
	verdicts := []Verdict{{Collection: m.Tags.Collection}, {Collection: m.Albums.Collection}, {Collection: m.Directories.Collection}}
	for i := range verdicts {
		v := &verdicts[i]
		for _, doc := range docs[v.Collection] {
			v.judge(doc, counters[v.Collection][idOf(doc)])
		}
	}
	return verdicts
}

func (v *Verdict) judge(doc bson.Raw, want map[string]int64) {
	if want == nil {
		return
	}
	right := true
	for _, field := range slices.Sorted(maps.Keys(want)) {
		have := doc.Lookup(field)
		if Key(have) == numberKey(want[field]) {
			continue
		}
		right = false
		v.Wrong = append(v.Wrong, fmt.Sprintf("%s %v: %s is %s, should be %d", v.Collection, doc.Lookup("_id"), field, shown(have), want[field]))
	}
	v.Total++
	if right {
		v.Right++
	}
}

func shown(v bson.RawValue) string {
	if v.Type == 0 {
		return "missing"
	}
	return v.String()
}
