package schedule

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Within tells whether a window is open when the clocks show a minute of a day of the week. Where the key chooses among
// several times, it chooses among those with the most runs in the window, so that a window with a free minute always
// has runs.
type Within func(day time.Weekday, minute int) bool

const (
	minutesOfDay  = hoursOfDay * minutesOfHour
	minutesOfWeek = daysOfWeek * minutesOfDay
)

// runs are how many times of a week lie in the window: the first of them, in minutes after Sunday 00:00, and one each
// period.
func (w Within) runs(first, period int) (n int) {
	for at := first; at < minutesOfWeek; at += period {
		if w(time.Weekday(at/minutesOfDay), at%minutesOfDay) {
			n++
		}
	}
	return n
}

// best is one of n choices: the favourite if no other has more runs in the window, else one of those with the most.
func best(favourite int, key string, n int, runs func(int) int) int {
	var equal []int
	most := -1
	for i := range n {
		switch r := runs(i); {
		case r > most:
			most, equal = r, []int{i}
		case r == most:
			equal = append(equal, i)
		}
	}
	if slices.Contains(equal, favourite) {
		return favourite
	}
	return equal[hash(key)%uint64(len(equal))]
}

// open are the open minutes of each hour of the week, as bits.
func (w Within) open() (week [daysOfWeek][hoursOfDay]uint64) {
	for at := range minutesOfWeek {
		if day, minute := at/minutesOfDay, at%minutesOfDay; w(time.Weekday(day), minute) {
			week[day][minute/minutesOfHour] |= 1 << (minute % minutesOfHour)
		}
	}
	return week
}

// shift is, for each field of cron, how far H moves on from the value that the key chooses.
type shift [5]int

// shiftInto moves the H of an expression to where the most runs lie in the window. Only the time of day and the day of
// the week matter. An expression that cannot work is not moved.
func (w Within) shiftInto(expression, key string) (moved shift) {
	minutes, hours, days := movesOf(expression, key, 0), movesOf(expression, key, 1), movesOf(expression, key, 4)
	week := w.open()
	split := func(i int) (m, h, d move) {
		return minutes[i%len(minutes)], hours[i/len(minutes)%len(hours)], days[i/len(minutes)/len(hours)]
	}
	m, h, d := split(best(0, key, len(minutes)*len(hours)*len(days), func(i int) (runs int) {
		m, h, d := split(i)
		for _, day := range members(d.values) {
			for _, hour := range members(h.values) {
				runs += bits.OnesCount64(week[day][hour] & m.values)
			}
		}
		return runs
	}))
	moved[0], moved[1], moved[4] = m.by, h.by, d.by
	return moved
}

// move is a shift of one field, and the values that the field then has.
type move struct {
	by     int
	values uint64
}

// movesOf are the shifts of a field that lead to different values, no shift first.
func movesOf(expression, key string, field int) (moves []move) {
	width := 1
	if parts := strings.Fields(expression); len(parts) == len(fields) && strings.Contains(parts[field], "H") {
		width = fields[field].most - fields[field].least + 1
	}
	for by := range width {
		var moved shift
		moved[field] = by
		values := valuesOf(expression, key, moved)[field]
		if !slices.ContainsFunc(moves, func(m move) bool { return m.values == values }) {
			moves = append(moves, move{by, values})
		}
	}
	return moves
}

// valuesOf are the values of the fields as bits; none where the expression cannot work. Where the day of the month is
// restricted, it may be any day of the week.
func valuesOf(expression, key string, moved shift) (values [5]uint64) {
	const everyDay = 1<<daysOfWeek - 1
	plain, err := spreadBy(expression, key, moved)
	if err != nil {
		return values
	}
	parsed, err := cron.ParseStandard(plain)
	spec, ok := parsed.(*cron.SpecSchedule)
	if err != nil || !ok {
		return values
	}
	values = [5]uint64{spec.Minute, spec.Hour, spec.Dom, spec.Month, spec.Dow}
	if !isStar(spec.Dom) {
		values[4] = everyDay
	}
	return values
}

// DependsOnCreation tells whether the times of "@every", which counts from when the schedule was created, may all lie
// outside the window.
func (s Schedule) DependsOnCreation(w Within) bool {
	if s.every == 0 || s.every%time.Minute != 0 {
		return false // another number of seconds comes to every minute
	}
	// The greatest common divisor is how far apart the minutes of the week are that it comes to.
	apart := int(s.every / time.Minute)
	for rest := minutesOfWeek; rest != 0; {
		apart, rest = rest, apart%rest
	}
	for first := range apart {
		if w.runs(first, apart) == 0 {
			return true
		}
	}
	return false
}
