package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Verdict is how many documents of one collection have every counter right.
type Verdict struct {
	Collection   string
	Right, Total int
	// Wrong says of each counter that is not right what it is and what it should be.
	Wrong []string
}

// Check recounts all counters of docs, as read back from a database, and compares: one Verdict for each collection that
// has counters. A counter is right if it is the number, of whatever numeric type. Smart albums that Recount leaves out
// are left out here.
func (l Layout) Check(docs Docs) (verdicts []Verdict) {
	want := l.Recount(docs)
	for _, c := range l.spec().counters {
		v := Verdict{Collection: c.collection}
		for _, doc := range docs[c.collection] {
			v.judge(doc, c.fields, want[c.collection][idOf(doc)])
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func (v *Verdict) judge(doc bson.Raw, fields []string, want map[string]int64) {
	if want == nil {
		return
	}
	wrong := len(v.Wrong)
	for _, field := range fields {
		if have := doc.Lookup(field); Key(have) != numberKey(want[field]) {
			v.Wrong = append(v.Wrong, fmt.Sprintf("%s %v: %s is %s, should be %d",
				v.Collection, doc.Lookup("_id"), field, shown(have), want[field]))
		}
	}
	v.Total++
	if len(v.Wrong) == wrong {
		v.Right++
	}
}

func shown(v bson.RawValue) string {
	if v.Type == 0 {
		return "missing"
	}
	return v.String()
}

// Drift is how far every counter of docs is from what it should be, by "collection id field": the difference as a
// number, "0" where it is right, or what is stored where that is no number. Albums that Recount leaves out are left out
// here.
func (l Layout) Drift(docs Docs) map[string]string {
	drift := map[string]string{}
	for collection, documents := range l.Recount(docs) {
		for _, doc := range docs[collection] {
			for field, want := range documents[idOf(doc)] {
				drift[collection+" "+idOf(doc)+" "+field] = driftOf(doc.Lookup(field), want)
			}
		}
	}
	return drift
}

func driftOf(have bson.RawValue, want int64) string {
	switch have.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return fmt.Sprint(have.AsInt64() - want)
	case bson.TypeDouble:
		return fmt.Sprint(have.Double() - float64(want))
	}
	return shown(have)
}
