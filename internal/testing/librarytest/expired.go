package librarytest

import (
	"math"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Expired are the documents that cleanup-old-records should delete, by collection: the sorted Keys of their _id. A
// finished task goes if it was created more than taskDays before now, a journal entry if its time is more than
// journalDays before now. A time is a date, a number of seconds or milliseconds since 1970, or ISO 8601 text without a
// zone, in UTC. One before the year 2000, or more than a day after now, is a mistake, and what has it stays.
func (l Layout) Expired(docs Docs, now time.Time, taskDays, journalDays int) map[string][]string {
	expired := map[string][]string{}
	for _, e := range l.spec().expiring {
		days := taskDays
		if e.journal {
			days = journalDays
		}
		for _, doc := range docs[e.collection] {
			if at, ok := timeOf(doc.Lookup(e.time), now); ok && e.finishes(doc) && at.Before(now.AddDate(0, 0, -days)) {
				expired[e.collection] = append(expired[e.collection], idOf(doc))
			}
		}
		slices.Sort(expired[e.collection])
	}
	return expired
}

func (e expiring) finishes(doc bson.Raw) bool {
	status, _ := doc.Lookup(e.status).StringValueOK()
	return e.status == "" || slices.Contains(e.finished, status)
}

// timeOf is the time that a field holds, and whether it is one to be trusted.
func timeOf(v bson.RawValue, now time.Time) (at time.Time, ok bool) {
	switch v.Type {
	case bson.TypeDateTime:
		at = v.Time()
	case bson.TypeInt32, bson.TypeInt64:
		at = fromNumber(float64(v.AsInt64()))
	case bson.TypeDouble:
		at = fromNumber(v.Double())
	case bson.TypeString:
		at, _ = time.Parse("2006-01-02T15:04:05", v.StringValue()) // a fraction may follow; the zero time is a mistake
	}
	return at, at.Year() >= 2000 && at.Before(now.Add(24*time.Hour))
}

// fromNumber takes a number for seconds, or from 1e11 (as seconds, the year 5138) on for milliseconds.
func fromNumber(n float64) time.Time {
	switch {
	case math.IsNaN(n) || math.Abs(n) > 1e15:
		return time.Time{}
	case n < 1e11:
		n *= 1000
	}
	return time.UnixMilli(int64(n)).UTC()
}
