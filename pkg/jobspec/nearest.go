package jobspec

import (
	"slices"
	"strings"
)

// MostAlike is names in the order of how much they look like what somebody typed, the most alike first: a part of the
// name takes the fewest edits to become what was typed, then the name begins with it, then the whole name takes the
// fewest edits. Names that are equally alike keep their order.
func MostAlike(typed string, names []string) []string {
	ranked := slices.Clone(names)
	slices.SortStableFunc(ranked, func(a, b string) int {
		return slices.Compare(unlikeness(typed, a), unlikeness(typed, b))
	})
	return ranked
}

// Alike tells whether name may be what somebody meant: at least half of what was typed is in it. Of fewer than five
// letters nearly each name has half: a quarter of them may differ from a part of the name, or half from the whole name.
func Alike(typed, name string) bool {
	if len(typed) < 5 {
		return len(typed) > 1 && AlikeFlag(typed, name)
	}
	return 2*partDistance(typed, name) <= len(typed)
}

// AlikeFlag is Alike for the names of flags, which are long and many, so that parts of most of them are alike: a
// quarter of what was typed may differ from a part of the name, or half of it from the whole name.
func AlikeFlag(typed, name string) bool {
	return typed != "" && (4*partDistance(typed, name) <= len(typed) || 2*EditDistance(typed, name) <= len(typed))
}

// unlikeness is what MostAlike sorts by, the most important figure first.
func unlikeness(typed, name string) []int {
	begins := 1
	if strings.HasPrefix(name, typed) {
		begins = 0
	}
	return []int{partDistance(typed, name), begins, EditDistance(typed, name)}
}

// nearestTask is the name of the task that looks most like name, by its own name or an alias; empty where none is
// alike.
func nearestTask(name string) string {
	typed := hyphenated(strings.TrimPrefix(strings.ToLower(name), aliasPrefix))
	owners, names := map[string]string{}, []string{}
	for _, t := range Tasks() {
		for _, n := range append([]string{t.Name}, t.Aliases...) {
			if n = hyphenated(n); owners[n] == "" {
				owners[n] = t.Name
				names = append(names, n)
			}
		}
	}
	best := MostAlike(typed, names)[0]
	if !Alike(typed, best) {
		return ""
	}
	return owners[best]
}

// hyphenated writes a name with the hyphens of tasks' names.
func hyphenated(name string) string { return strings.NewReplacer("_", "-", " ", "-").Replace(name) }

// EditDistance is the Levenshtein distance of a and b in bytes.
func EditDistance(a, b string) int {
	start := make([]int, len(b)+1)
	for j := range start {
		start[j] = j
	}
	return distances(a, b, start)[len(b)]
}

// partDistance is the distance of a to that part of b to which it is nearest.
func partDistance(a, b string) int {
	return slices.Min(distances(a, b, make([]int, len(b)+1)))
}

// distances are those of a to each beginning of b; row is what it costs to begin there, and is overwritten.
func distances(a, b string, row []int) []int {
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row
}
