// Package view turns schedules, as the API server has them, into what the page shows: states, words, rows, runs and calendars.
//
// It is pure: typed data and a time in, values for the templates out. It must not read a cluster, write HTML, or hold a status that
// the schedule does not have.
package view

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"k8s.io/apimachinery/pkg/util/duration"

	"ucorefs.io/maintenance/pkg/plaintext"
)

// credentials are the user and the password in an address, such as a connection string.
var credentials = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)\S*@`)

// Text is what somebody else wrote, in one line and without the credentials of an address: nobody should have written them into a
// status, and a page in a browser must not spread them.
func Text(s string) string { return Redacted(plaintext.Line(s)) }

// Redacted is a text of any number of lines without the credentials of an address.
func Redacted(s string) string { return credentials.ReplaceAllString(s, "${1}…@") }

// texts is Text for each.
func texts(all []string) (out []string) {
	for _, s := range all {
		out = append(out, Text(s))
	}
	return out
}

// Words is a name in camel case as words, such as "broken tag refs".
func Words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Number is n with a comma between groups of three digits.
func Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Moment is a time as people read it: relative to now, and exactly.
type Moment struct {
	Relative string // such as "in 5h" or "3m ago"
	Exact    string // such as "2026-11-29 02:05 UTC"
	Machine  string // RFC 3339
}

// NewMoment is the moment of a time, in a zone; nil for the zero time.
func NewMoment(at, now time.Time, zone *time.Location) *Moment {
	if at.IsZero() {
		return nil
	}
	return &Moment{Relative: relative(at.Sub(now)), Exact: at.In(zone).Format("2006-01-02 15:04 MST"), Machine: at.UTC().Format(time.RFC3339)}
}

func relative(d time.Duration) string {
	switch {
	case d.Abs() < time.Second:
		return "now"
	case d > 0:
		return "in " + duration.HumanDuration(d)
	}
	return duration.HumanDuration(-d) + " ago"
}
