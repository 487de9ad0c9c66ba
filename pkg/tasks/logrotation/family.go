package logrotation

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/logname"
)

// families are the logs of each family that has more than limit of them.
func families(logs []log, limit int) map[logname.Family][]log {
	all := map[logname.Family][]log{}
	for _, l := range logs {
		if f, _, ok := logname.FamilyOf(l.path); ok {
			all[f] = append(all[f], l)
		}
	}
	maps.DeleteFunc(all, func(_ logname.Family, logs []log) bool { return len(logs) <= limit })
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
		_, x, _ := logname.FamilyOf(a.path)
		_, y, _ := logname.FamilyOf(b.path)
		return logname.CompareNumbers(x, y)
	})
}
