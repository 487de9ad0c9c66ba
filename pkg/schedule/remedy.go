package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// limits are what a field of cron takes: numbers, and the names of them from the least on.
type limits struct {
	least, most int
	names       []string
}

// takes are the limits of the five fields, in their order.
var takes = []limits{
	{0, 59, nil}, {0, 23, nil}, {1, 31, nil},
	{1, 12, []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{0, 6, []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// weekday is the place of the day of week among the fields.
const weekday = 4

// remedy says what is wrong with an expression that is not cron, and what to write instead.
func remedy(expression string) string {
	parts := strings.Fields(expression)
	for i, part := range parts {
		if len(parts) != len(takes) {
			break
		}
		for item := range strings.SplitSeq(part, ",") {
			if instead := takes[i].remedy(item, i == weekday); instead != "" && !isSpread(item) {
				return fmt.Sprintf("%s as %s: write %s", item, fields[i].name, instead)
			}
		}
	}
	return "write minute, hour, day of month, month and day of week, such as '0 3 * * *'"
}

// remedy is what to write instead of one item of a field; empty where nothing is wrong with it that is known here.
func (l limits) remedy(item string, ofWeek bool) string {
	value, step, stepped := strings.Cut(item, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1) {
		return "a number from 1 on after the slash, such as " + value + "/2"
	}
	if value == "*" || value == "?" {
		return ""
	}
	from, to, isRange := strings.Cut(value, "-")
	if !isRange {
		to = from
	}
	a, knownA := l.number(from)
	b, knownB := l.number(to)
	switch {
	case ofWeek && item == "7":
		return "0 for Sunday"
	case !knownA || !knownB:
		return l.all()
	case ofWeek && isRange && b == 7 && a > 0 && a < 7 && !stepped:
		return l.span(from, a, "6", 6) + ",0"
	case a < l.least || b < l.least || a > l.most || b > l.most:
		return l.all()
	case a > b && !stepped:
		return l.span(from, a, l.name(l.most, from), l.most) + "," + l.span(l.name(l.least, to), l.least, to, b)
	}
	return ""
}

// span is the range from one value to another, as they were written.
func (l limits) span(from string, a int, to string, b int) string {
	if a == b {
		return from
	}
	return from + "-" + to
}

// name is a value, by its name where like is one.
func (l limits) name(n int, like string) string {
	if _, err := strconv.Atoi(like); err == nil {
		return strconv.Itoa(n)
	}
	return l.names[n-l.least]
}

// number reads a number or a name.
func (l limits) number(text string) (n int, ok bool) {
	if i := slices.Index(l.names, strings.ToLower(text)); i >= 0 {
		return l.least + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// all says which values there are.
func (l limits) all() string {
	text := fmt.Sprintf("a value from %d to %d", l.least, l.most)
	if l.names != nil {
		text += fmt.Sprintf(", or %s to %s", l.names[0], l.names[len(l.names)-1])
	}
	return text
}
