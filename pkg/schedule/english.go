package schedule

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Sentence says in English when the schedule fires, such as "at 03:30 every day (Europe/Berlin)". Two schedules that
// fire at different times have different sentences.
func (s Schedule) Sentence() string {
	if s.every != 0 {
		return "every " + span(s.every)
	}
	spec, ok := s.fires.(*cron.SpecSchedule)
	if !ok {
		return s.Cron
	}
	return strings.Join(slices.DeleteFunc([]string{timesOfDay(spec), days(spec), months(spec), "(" + s.TimeZone + ")"},
		func(part string) bool { return part == "" }), " ")
}

// span is a period in words.
func span(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		n := d / u.unit
		d %= u.unit
		switch {
		case n == 1 && len(parts) == 0 && d == 0:
			parts = append(parts, u.name) // every hour
		case n == 1:
			parts = append(parts, "1 "+u.name)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, u.name))
		}
	}
	return and(parts)
}

// How many values each field has.
const (
	minutesOfHour, hoursOfDay, daysOfMonth, monthsOfYear, daysOfWeek = 60, 24, 31, 12, 7
)

// members are the values of a field's bits. The highest bit says that the field was a star.
func members(field uint64) (values []int) {
	for field &^= 1 << 63; field != 0; field &= field - 1 {
		values = append(values, bits.TrailingZeros64(field))
	}
	return values
}

func isStar(field uint64) bool { return field>>63 == 1 }

// mostTimes is how many times of a day are listed one by one.
const mostTimes = 12

func timesOfDay(s *cron.SpecSchedule) string {
	minutes, hours := members(s.Minute), members(s.Hour)
	step, even := evenStep(minutes)
	switch {
	case len(minutes)*len(hours) <= mostTimes:
		return "at " + and(clock(minutes, hours))
	case len(hours) == hoursOfDay && even && step == 1:
		return "every minute"
	case len(hours) == hoursOfDay && even && minutes[0] == 0:
		return fmt.Sprintf("every %d minutes", step)
	case len(hours) == hoursOfDay && even:
		return fmt.Sprintf("every %d minutes from minute %d on", step, minutes[0])
	case even && step == 1:
		return "every minute of " + hoursOf(hours)
	}
	return "at " + noun(minutes, "minute", number) + " of " + hoursOf(hours)
}

// evenStep tells whether the minutes are the same number apart all round the hour.
func evenStep(values []int) (step int, even bool) {
	step = minutesOfHour / len(values)
	if len(values) < 2 || minutesOfHour%len(values) != 0 {
		return 0, false
	}
	for i, v := range values {
		if v != values[0]+i*step {
			return 0, false
		}
	}
	return step, true
}

func clock(minutes, hours []int) (times []string) {
	for _, h := range hours {
		for _, m := range minutes {
			times = append(times, fmt.Sprintf("%02d:%02d", h, m))
		}
	}
	return times
}

func hoursOf(hours []int) string {
	if len(hours) == hoursOfDay {
		return "every hour"
	}
	return noun(hours, "hour", number)
}

// days joins the two fields as cron does: where both restrict, a day that either allows is enough.
func days(s *cron.SpecSchedule) string {
	dom, dow := members(s.Dom), members(s.Dow)
	ofMonth := "on " + noun(dom, "day", number) + " of the month"
	ofWeek := "on " + list(dow, func(n int) string { return time.Weekday(n).String() })
	anyOfMonth, anyOfWeek := len(dom) == daysOfMonth, len(dow) == daysOfWeek
	either := !isStar(s.Dom) && !isStar(s.Dow)
	switch {
	case anyOfMonth && anyOfWeek, either && (anyOfMonth || anyOfWeek):
		return daily(s)
	case anyOfMonth:
		return ofWeek
	case anyOfWeek:
		return ofMonth
	case either:
		return ofMonth + " and " + ofWeek
	}
	return ofMonth + " that is a day in " + list(dow, func(n int) string { return time.Weekday(n).String() })
}

// daily is what times of the day need, and what "every minute" has already said.
func daily(s *cron.SpecSchedule) string {
	if len(members(s.Minute))*len(members(s.Hour)) <= mostTimes {
		return "every day"
	}
	return ""
}

func months(s *cron.SpecSchedule) string {
	if m := members(s.Month); len(m) < monthsOfYear {
		return "in " + list(m, func(n int) string { return time.Month(n).String() })
	}
	return ""
}

func number(n int) string { return fmt.Sprint(n) }

// noun is "minute 5", or "minutes 5, 17 and 20".
func noun(values []int, one string, name func(int) string) string {
	if len(values) == 1 {
		return one + " " + name(values[0])
	}
	return one + "s " + list(values, name)
}

// list names values; three or more in a row are "a to b".
func list(values []int, name func(int) string) string {
	var parts []string
	for i := 0; i < len(values); {
		end := i
		for end+1 < len(values) && values[end+1] == values[end]+1 {
			end++
		}
		if end-i >= 2 {
			parts = append(parts, name(values[i])+" to "+name(values[end]))
			i = end + 1
			continue
		}
		parts = append(parts, name(values[i]))
		i++
	}
	return and(parts)
}

// and is "a, b and c".
func and(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
