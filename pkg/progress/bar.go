package progress

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// State is a step at a moment.
type State struct {
	Step        string
	Done, Total int64 // Total is 0 or less where it is not known
	Started     time.Time
	Limit
	files bool // the units are files

	since  time.Time // from when on the rate is measured; zero: from Started
	before int64     // what was done until then
}

// Limit is how much a run may take at a moment.
type Limit struct {
	Throttle  string // off, low or normal; empty: there is none
	PerSecond int64  // units of the step; 0: as many as there are
	// Slowed: PerSecond is less than the throttle allows, because the database Took so long to answer instead of as long
	// as Usual.
	Slowed      bool
	Took, Usual time.Duration
}

// Why says what slows a run.
func (l Limit) Why() string {
	return fmt.Sprintf("the database takes %s to answer, usually %s", rounded(l.Took), rounded(l.Usual))
}

func rounded(d time.Duration) time.Duration { return max(d.Round(time.Millisecond), time.Millisecond) }

// mostLeft is the longest rest of a step that is believed: what seems to take longer has an estimate that says nothing.
const mostLeft = 365 * 24 * time.Hour

// shortest is what a rate is measured over at least: after a nanosecond it would be a number that no integer holds.
const shortest = time.Millisecond

// Rate is the units done in a second since the step began, or since its throttle changed.
func (s State) Rate(now time.Time) float64 {
	since := s.Started
	if !s.since.IsZero() {
		since = s.since
	}
	passed, done := now.Sub(since), s.Done-s.before
	if passed <= 0 || done <= 0 {
		return 0
	}
	return min(float64(done)/max(passed, shortest).Seconds(), maxRate)
}

// maxRate is the most units a second that a rate tells, which an int64 holds.
const maxRate = 1 << 62

// Left is how long the rest takes at the present rate; false where that cannot be known.
func (s State) Left(now time.Time) (time.Duration, bool) {
	rate := s.Rate(now)
	if rate <= 0 || s.Total <= 0 || s.Done > s.Total {
		return 0, false
	}
	seconds := float64(s.Total-s.Done) / rate
	if seconds > mostLeft.Seconds() {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second), true
}

// percent is how much is done, at most 100; an estimate of the total may have been low.
func (s State) percent() int64 {
	switch {
	case s.Total <= 0 || s.Done <= 0:
		return 0
	case s.Done >= s.Total:
		return 100
	case s.Done > math.MaxInt64/100: // 100 times that is no int64
		return s.Done / max(s.Total/100, 1)
	}
	return s.Done * 100 / s.Total
}

const barWidth = 24

// Bar is s in one line of at most width columns (80 where width is not positive):
//
//	scan file_records [=========>              ]  41%  74,620  12,310/s  9s left
func (s State) Bar(now time.Time, width int) string {
	parts := []string{s.Step}
	if s.Total > 0 {
		parts = append(parts, fmt.Sprintf("%s %3d%%", bar(s.percent()), s.percent()))
	}
	parts = append(parts, thousands(s.Done), thousands(int64(s.Rate(now)))+"/s")
	if left, ok := s.Left(now); ok {
		parts = append(parts, left.String()+" left")
	}
	switch {
	case s.Slowed:
		parts = append(parts, "slowed to "+thousands(s.PerSecond)+"/s: "+s.Why())
	case s.PerSecond > 0:
		parts = append(parts, "at most "+thousands(s.PerSecond)+"/s")
	}
	return cut(strings.Join(parts, "  "), width)
}

func bar(percent int64) string {
	full := int(percent * barWidth / 100)
	if full >= barWidth {
		return "[" + strings.Repeat("=", barWidth) + "]"
	}
	return "[" + strings.Repeat("=", full) + ">" + strings.Repeat(" ", barWidth-full-1) + "]"
}

// thousands writes n with a comma between groups of three digits.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// cut keeps a bar in one line of the terminal: a longer one could not be redrawn.
func cut(s string, width int) string {
	if width <= 0 {
		width = 80
	}
	runes := []rune(s)
	return string(runes[:min(len(runes), width-1)])
}

func (s State) attrs(now time.Time) []any {
	attrs := []any{"step", s.Step, "done", s.Done, "perSecond", int64(s.Rate(now))}
	if s.Total > 0 {
		attrs = append(attrs, "total", s.Total, "percent", s.percent())
	}
	if left, ok := s.Left(now); ok {
		attrs = append(attrs, "left", left.String())
	}
	if s.Throttle != "" {
		attrs = append(attrs, "throttle", s.Throttle)
	}
	if s.PerSecond > 0 {
		attrs = append(attrs, "limit", s.PerSecond, "slowed", s.Slowed)
	}
	if s.Slowed {
		attrs = append(attrs, "why", s.Why())
	}
	return attrs
}
