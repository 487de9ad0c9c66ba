package crashes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func same(a, b state) bool { return maps.Equal(a, b) }

// difference is what differs between two states, in words.
func difference(want, got state) string {
	var lines []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			lines = append(lines, fmt.Sprintf("%s:\n  want %s\n  is   %s", k, text(want[k]), text(got[k])))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, known := want[k]; !known {
			lines = append(lines, fmt.Sprintf("%s is new: %s", k, text(got[k])))
		}
	}
	const most = 5
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("and %d more", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}

func text(doc string) string {
	if bson.Raw(doc).Validate() != nil {
		return doc
	}
	return bson.Raw(doc).String()
}
