package bsonvalue

import (
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// firstMillisecond is the number from which on a time is in milliseconds: as seconds it would be the year 5138.
const firstMillisecond = 1e11

// isoForms are the forms of ISO 8601 in which applications write a time as text. A fraction may follow the seconds.
// Without a zone it is UTC.
var isoForms = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05"}

// TimeOf is the time that a field holds: a date, a number of Unix seconds or milliseconds, or text in ISO 8601. It is
// false for what is no time. Whether the time can be believed is for the caller to say.
func TimeOf(v bson.RawValue) (at time.Time, ok bool) {
	switch v.Type {
	case bson.TypeDateTime:
		return v.Time().UTC(), true
	case bson.TypeInt32, bson.TypeInt64:
		return fromNumber(float64(v.AsInt64()))
	case bson.TypeDouble:
		return fromNumber(v.Double())
	case bson.TypeString:
		for _, form := range isoForms {
			if at, err := time.Parse(form, v.StringValue()); err == nil {
				return at.UTC(), true
			}
		}
	}
	return time.Time{}, false
}

// fromNumber is exact to a millisecond.
func fromNumber(n float64) (time.Time, bool) {
	switch {
	case !(math.Abs(n) < 1e15): // NaN and infinity too
		return time.Time{}, false
	case n < firstMillisecond:
		n *= 1000
	}
	return time.UnixMilli(int64(n)).UTC(), true
}
