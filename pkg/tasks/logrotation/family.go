package logrotation

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// family identifies the whole log files of one program that starts a new file at each start, or each day: files in
// one folder whose names differ only in a time or in a number.
type family struct {
	before, after string // the name around the time or number; before includes the folder
	counted       bool   // the names differ in a number, not in a time
}

func (f family) String() string { return f.before + "*" + f.after + logEnding }

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
	moment  = `(?:` + date + `)(?:` + clock + `)?(?:` + zone + `)?(?:` + counter + `)*`
)

// timed is a name with a date, or a date and a time. The rest of the name is literal: worker-1_2026-01-31 and
// worker-2_2026-01-31 belong to two families. UCore FS uses the default of loguru, as in
// app_2025-12-17_21-37-01_097859.log.
var timed = regexp.MustCompile(`(?s)^(|.*?\D)` + moment + `(|\D.*)$`)

// counted is a name with a number; of several numbers the last one. A name that is only a number, such as 1.log, does
// not count.
var counted = regexp.MustCompile(`(?s)^(|.*\D)(\d+)(\D*)$`)

// familyOf is the family of a log, and its number in a counted family. It is false if the name has neither a time nor
// a number.
func familyOf(log string) (f family, number string, ok bool) {
	folder, base := path.Split(strings.TrimSuffix(log, logEnding))
	if part := timed.FindStringSubmatch(base); part != nil {
		return family{before: folder + part[1], after: part[2]}, "", true
	}
	if part := counted.FindStringSubmatch(base); part != nil && part[1]+part[3] != "" {
		return family{before: folder + part[1], after: part[3], counted: true}, part[2], true
	}
	return family{}, "", false
}

// compareNumbers compares numbers of any length by their value.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// families are the logs of each family that has more than limit of them.
func families(logs []log, limit int) map[family][]log {
	all := map[family][]log{}
	for _, l := range logs {
		if f, _, ok := familyOf(l.path); ok {
			all[f] = append(all[f], l)
		}
	}
	maps.DeleteFunc(all, func(_ family, logs []log) bool { return len(logs) <= limit })
	return all
}

// newestFirst sorts logs by their last write, and logs with the same time by name.
func newestFirst(logs []log) {
	slices.SortFunc(logs, func(a, b log) int {
		return cmp.Or(b.written().Compare(a.written()), strings.Compare(b.path, a.path))
	})
}

// byNumber sorts the logs of a counted family by their number.
func byNumber(logs []log) []log {
	return slices.SortedFunc(slices.Values(logs), func(a, b log) int {
		_, x, _ := familyOf(a.path)
		_, y, _ := familyOf(b.path)
		return compareNumbers(x, y)
	})
}
