package bsonvalue

import (
	"math"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestTimesAreReadInEveryFormThatApplicationsWrite(t *testing.T) {
	want := time.Date(2026, 8, 1, 10, 20, 30, 0, time.UTC)
	for name, c := range map[string]struct {
		stored any
		want   time.Time // zero: it is no time
	}{
		"a date":                 {bson.NewDateTimeFromTime(want), want},
		"seconds":                {int32(want.Unix()), want},
		"seconds in 64 bits":     {want.Unix(), want},
		"fractional seconds":     {float64(want.Unix()) + 0.5, want.Add(500 * time.Millisecond)},
		"milliseconds":           {want.UnixMilli(), want},
		"text without a zone":    {"2026-08-01T10:20:30", want},
		"text with microseconds": {"2026-08-01T10:20:30.250000", want.Add(250 * time.Millisecond)},
		"text in UTC":            {"2026-08-01T10:20:30Z", want},
		"text with a zone":       {"2026-08-01T12:20:30+02:00", want},
		"text with a blank":      {"2026-08-01 10:20:30", want},
		"text that is none":      {"yesterday", time.Time{}},
		"a day":                  {"2026-08-01", time.Time{}},
		"not a number":           {math.NaN(), time.Time{}},
		"microseconds":           {want.UnixMicro(), time.Time{}},
		"a list":                 {bson.A{want.Unix()}, time.Time{}},
	} {
		kind, value, err := bson.MarshalValue(c.stored)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := TimeOf(bson.RawValue{Type: kind, Value: value})
		if ok == c.want.IsZero() || !got.Equal(c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, ok, c.want)
		}
	}
}
