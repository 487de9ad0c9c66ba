package view

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Query is what of a list a visitor wants to see. The zero value shows all by name.
type Query struct {
	Search    string // words that the name, the task, the namespace or the message holds
	State     State  // empty: any
	Namespace string // empty: any
	Sort      string // name, task, state, next or last
	Down      bool   // the other way round
}

// ReadQuery takes what the address says. What it does not know it leaves out.
func ReadQuery(values url.Values) Query {
	q := Query{Search: strings.TrimSpace(values.Get("q")), Namespace: values.Get("namespace"), Sort: values.Get("sort"),
		Down: values.Get("down") == "1"}
	if s := State(values.Get("state")); s.Known() {
		q.State = s
	}
	if !slices.Contains(Sorts(), q.Sort) {
		q.Sort = "name"
	}
	return q
}

// Sorts are the words of Query.Sort.
func Sorts() []string { return []string{"name", "state", "task", "next", "last"} }

// Values are the query as an address has it; none for the zero value.
func (q Query) Values() url.Values {
	v := url.Values{}
	for key, value := range map[string]string{"q": q.Search, "state": string(q.State), "namespace": q.Namespace} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if q.Sort != "" && q.Sort != "name" {
		v.Set("sort", q.Sort)
	}
	if q.Down {
		v.Set("down", "1")
	}
	return v
}

// Address is that of the list that the query shows.
func (q Query) Address() string {
	if v := q.Values(); len(v) > 0 {
		return "/?" + v.Encode()
	}
	return "/"
}

// By is the query sorted by a column: the other way round where it is sorted by that already.
func (q Query) By(column string) Query {
	q.Down = q.Sort == column && !q.Down
	q.Sort = column
	return q
}

// In is the query of another state.
func (q Query) In(state State) Query {
	q.State = state
	return q
}

// Shows tells whether a row is one of those that are wanted.
func (q Query) Shows(r Row) bool {
	return (q.State == "" || q.State == r.Condition.State) && q.isFound(r)
}

func (q Query) isFound(r Row) bool {
	if q.Namespace != "" && q.Namespace != r.Namespace {
		return false
	}
	text := strings.ToLower(strings.Join([]string{r.Namespace, r.Name, r.Task, r.Condition.Word, r.Condition.Detail,
		r.Message}, " "))
	for _, word := range strings.Fields(strings.ToLower(q.Search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// List is what the list shows.
type List struct {
	Query      Query
	Rows       []Row
	Total      int        // schedules there are, shown or not
	Tally      []Tallied  // how many there are in each state, of those that the search finds
	Namespaces []string   // that have schedules
	Columns    []SortLink // by which the list can be sorted
}

// Tallied is a state and how many schedules are in it.
type Tallied struct {
	State State
	Count int
}

// SortLink is a column's heading.
type SortLink struct {
	Key, Title string
	Order      string // ascending, descending, or none
	Address    string
}

// NewList is the list of the schedules that a query wants, at a moment.
func NewList(schedules []v1alpha1.MaintenanceSchedule, q Query, now time.Time) List {
	l := List{Query: q, Total: len(schedules)}
	tally, namespaces, known := map[State]int{}, map[string]bool{}, zones{}
	for i := range schedules {
		r := newRow(&schedules[i], now, known.of(&schedules[i]))
		namespaces[r.Namespace] = true
		if q.isFound(r) {
			tally[r.Condition.State]++
		}
		if q.Shows(r) {
			l.Rows = append(l.Rows, r)
		}
	}
	for name := range namespaces {
		l.Namespaces = append(l.Namespaces, name)
	}
	slices.Sort(l.Namespaces)
	for _, s := range States() {
		if tally[s] > 0 || s == q.State {
			l.Tally = append(l.Tally, Tallied{s, tally[s]})
		}
	}
	q.sort(l.Rows)
	l.Columns = q.columns()
	return l
}

func (q Query) sort(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		by := q.compare(a, b)
		if q.Down {
			by = -by
		}
		return cmp.Or(by, cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
	})
}

func (q Query) compare(a, b Row) int {
	switch q.Sort {
	case "state":
		return cmp.Compare(slices.Index(States(), a.Condition.State), slices.Index(States(), b.Condition.State))
	case "task":
		return cmp.Compare(a.Task, b.Task)
	case "next":
		return soonest(a.next, b.next)
	case "last":
		return soonest(b.last, a.last) // latest first
	}
	return cmp.Compare(a.Name, b.Name)
}

// soonest has a time that is not known after every other.
func soonest(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}

func (q Query) columns() (links []SortLink) {
	titles := map[string]string{"name": "Schedule", "state": "State", "task": "Task", "next": "Next run",
		"last": "Last run"}
	for _, key := range Sorts() {
		link := SortLink{Key: key, Title: titles[key], Order: "none", Address: q.By(key).Address()}
		if q.Sort == key {
			link.Order = map[bool]string{false: "ascending", true: "descending"}[q.Down]
		}
		links = append(links, link)
	}
	return links
}
