package chart

import (
	"fmt"
	"html/template"

	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// The size of a day in a calendar, in pixels: 24 hours are a day's width.
const (
	dayWidth   = 480
	dayHeight  = 22
	crowdedDay = 96 // more times than that are drawn as one band
)

// Day draws one day from midnight to midnight: when the window is open, and a mark for each run that is due.
func Day(d view.Day) template.HTML {
	s := begin("day", dayWidth, dayHeight, d.Date+": runs at "+d.Words+changeWords(d))
	s.add(`<rect class="ground" x="0" y="0" width="%d" height="%d"/>`, dayWidth, dayHeight)
	for _, w := range d.Windows {
		s.add(`<rect class="window" x="%d" y="0" width="%d" height="%d"/>`, place(w.From), max(place(w.To)-place(w.From), 1),
			dayHeight)
	}
	for hour := 6; hour < 24; hour += 6 {
		s.add(`<path class="axis" d="M%d.5 0v%d"/>`, place(hour*60), dayHeight)
	}
	if n := len(d.Times); n > crowdedDay {
		s.add(`<rect class="due" x="%d" y="7" width="%d" height="8"/>`, place(d.Times[0]),
			max(place(d.Times[n-1])-place(d.Times[0]), 2))
		return s.end()
	}
	for _, t := range d.Times {
		s.add(`<path class="due" d="M%d 5l4 6-4 6-4-6z"/>`, place(t))
	}
	return s.end()
}

func changeWords(d view.Day) string {
	if d.Change == "" {
		return ""
	}
	return fmt.Sprintf("; %s", d.Change)
}

func place(minute int) int { return minute * dayWidth / (24 * 60) }
