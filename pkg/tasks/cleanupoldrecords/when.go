package cleanupoldrecords

import (
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// firstMillisecond is the number from which on a time is in milliseconds: as seconds it would be the year 5138.
const firstMillisecond = 1e11

// ahead is how far clocks may be apart before a time is taken for a mistake.
const ahead = 24 * time.Hour

// earliest is a time before which no library was kept.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// when is the time that a field holds, and whether it is one that can be trusted.
func when(v bson.RawValue, now time.Time) (at time.Time, known bool) {
	switch v.Type {
	case bson.TypeDateTime:
		at = v.Time()
	case bson.TypeInt32, bson.TypeInt64:
		at = fromNumber(float64(v.AsInt64()))
	case bson.TypeDouble:
		at = fromNumber(v.Double())
	}
	return at, !at.Before(earliest) && !at.After(now.Add(ahead))
}

// fromNumber is exact to a millisecond, for any time that could be trusted; the zero time for what is no number of a time.
func fromNumber(n float64) time.Time {
	switch {
	case !(math.Abs(n) < 1e15): // NaN and infinity too
		return time.Time{}
	case n < firstMillisecond:
		n *= 1000
	}
	return time.UnixMilli(int64(n)).UTC()
}

// cutoff is the time before which a record is older than a number of days.
func cutoff(now time.Time, days int) time.Time {
	const farthest = 100_000 // days: all of history, and no overflow
	return now.AddDate(0, 0, -min(days, farthest))
}
