package scan

import "ucorefs.io/maintenance/pkg/library"

// Where is a library.Where whose fields are looked up by position.
type Where []condition

type condition struct {
	library.Condition
	at int
}

// Where asks for the fields of w.
func (f *Fields) Where(w library.Where) Where {
	conditions := make(Where, len(w))
	for i, c := range w {
		conditions[i] = condition{c, f.Position(c.Field)}
	}
	return conditions
}

// MayMatch tells whether a document is selected, or would be if a flag that is no flag, such as a text, had the wanted
// value.
func (w Where) MayMatch(row Row) bool {
	for i := range w {
		if !w[i].MayHold(row[w[i].at]) {
			return false
		}
	}
	return true
}

// Matches tells whether a document is selected.
func (w Where) Matches(row Row) bool {
	for i := range w {
		if !w[i].Holds(row[w[i].at]) {
			return false
		}
	}
	return true
}
