// Package view turns schedules, as the API server has them, into what the page shows: states, words, rows, runs and
// calendars.
//
// It is pure: typed data and a time in, values for the templates out. It must not read a cluster, write HTML, or hold a
// status that the schedule does not have.
package view

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ucorefs.io/maintenance/pkg/plaintext"
)

// credentials are the user and the password in an address, such as a connection string.
var credentials = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)\S*@`)

// Text is what somebody else wrote, in one line and without the credentials of an address: nobody should have written
// them into a status, and a page in a browser must not spread them.
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

// size is a number of bytes as people read it.
func size(bytes int64) string {
	n, unit := float64(bytes), 0
	for ; n >= 1024 && unit < len(sizes)-1; unit++ {
		n /= 1024
	}
	return strconv.FormatFloat(n, 'f', min(unit, 1), 64) + " " + sizes[unit]
}

var sizes = [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// Moment is a time as people read it: relative to now, and exactly.
type Moment struct {
	Relative string // such as "in 5h" or "3m ago"
	Exact    string // such as "2026-11-29 02:05 UTC"
	Machine  string // as the datetime of HTML
}

// NewMoment is the moment of a time, in a zone; nil for the zero time.
func NewMoment(at, now time.Time, zone *time.Location) *Moment {
	if at.IsZero() {
		return nil
	}
	machine := time.RFC3339
	if at.Second() == 0 {
		machine = "2006-01-02T15:04Z" // as HTML takes it, too
	}
	return &Moment{Relative: relative(at.Sub(now)), Exact: at.In(zone).Format("2006-01-02 15:04 MST"),
		Machine: at.UTC().Format(machine)}
}

// relative is how far away a time is. The page's script goes on with the same words as time passes.
func relative(d time.Duration) string {
	switch words := distance(d.Abs()); {
	case words == "":
		return "now"
	case d > 0:
		return "in " + words
	default:
		return words + " ago"
	}
}

// distance has one unit, or two where the larger one alone would be vague; empty: less than a second.
func distance(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}
	for i, unit := range units {
		n := int(d / unit.size)
		if n == 0 {
			continue
		}
		words := strconv.Itoa(n) + unit.name
		if i < 2 && n < 10 {
			if rest := int(d % unit.size / units[i+1].size); rest > 0 {
				words += " " + strconv.Itoa(rest) + units[i+1].name
			}
		}
		return words
	}
	return ""
}
