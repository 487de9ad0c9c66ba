package logname

import (
	"cmp"
	"path"
	"regexp"
	"strings"
)

// Family identifies the whole log files of one program that starts a new file at each start, or each day: files in
// one folder whose names differ only in a time or in a number.
type Family struct {
	Before, After string // the name around the time or number; Before includes the folder
	Counted       bool   // the names differ in a number, not in a time
}

// String is the pattern of the names.
func (f Family) String() string { return f.Before + "*" + f.After + logEnding }

// Parts of the expression timed.
const (
	year    = `(?:19|20)\d\d`
	month   = `(?:0[1-9]|1[0-2])`
	day     = `(?:0[1-9]|[12]\d|3[01])`
	minutes = `[0-5]\d`
	date    = year + `-` + month + `-` + day + `|` + year + `_` + month + `_` + day + `|` +
		year + `\.` + month + `\.` + day + `|` + year + month + day + `|` +
		day + `[-._]` + month + `[-._]` + year + `|` + year + `-` + month
	seconds = minutes + `(?:\d{3}|\d{6}|\d{9}|[.,]\d+)?`
	clock   = `[T_ .-]{0,2}(?:[01]\d|2[0-3])[-:._]?` + minutes + `(?:[-:._]?` + seconds + `)?`
	zone    = `Z|[-+]\d\d:?\d\d`
	counter = `[-._,]\d+` // microseconds, a process id, or a counter
	rest    = `(?:` + clock + `)?(?:` + zone + `)?(?:` + counter + `)*`

	// Parts of a date that has the English name of its month.
	weekday   = `(?i:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?i:day)?[-_. ,]{1,2}`
	monthName = `(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|` +
		`oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
	dayOfMonth = `(?:0?[1-9]|[12]\d|3[01])`
	apart      = `[-_. ,]{0,2}`
	named      = `(?:` + weekday + `)?(?:` + monthName + apart + dayOfMonth + apart + year + `|` +
		dayOfMonth + apart + monthName + apart + year + `|` + year + apart + monthName + apart + dayOfMonth + `|` +
		monthName + apart + year + `|` + year + apart + monthName + `)`
)

// timed is a name with a date, or a date and a time. The rest of the name is literal: worker-1_2026-01-31 and
// worker-2_2026-01-31 belong to two families. UCore FS uses the default of loguru, as in
// app_2025-12-17_21-37-01_097859.log. The name of a month follows no letter.
var timed = regexp.MustCompile(`(?s)^(?:(|.*?[^\pL\d])` + named + `|(|.*?\D)(?:` + date + `))` + rest + `(|\D.*)$`)

// process is a number that a name says to be that of a process, which each start has anew.
var process = regexp.MustCompile(`(^|[^\pL\d])((?i:pid)[-_.= ]?)\d+`)

// counted is a name with a number; of several numbers the last one. A name that is only a number, such as 1.log, does
// not count.
var counted = regexp.MustCompile(`(?s)^(|.*\D)(\d+)(\D*)$`)

// FamilyOf is the family of a log, and its number in a counted family. It is false if the name has neither a time nor
// a number.
func FamilyOf(log string) (f Family, number string, ok bool) {
	folder, base := path.Split(strings.TrimSuffix(log, logEnding))
	if part := timed.FindStringSubmatch(process.ReplaceAllString(base, "$1$2*")); part != nil {
		return Family{Before: folder + part[1] + part[2], After: part[3]}, "", true
	}
	if part := counted.FindStringSubmatch(base); part != nil && part[1]+part[3] != "" {
		return Family{Before: folder + part[1], After: part[3], Counted: true}, part[2], true
	}
	return Family{}, "", false
}

// CompareNumbers compares decimal numbers of any length by their value.
func CompareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
