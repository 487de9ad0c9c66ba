package progress

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

func TestBar(t *testing.T) {
	for name, c := range map[string]struct {
		state State
		after time.Duration
		width int
		want  string
	}{
		"in the middle": {State{Step: "scan", Done: 500, Total: 1000}, 5 * time.Second, 0,
			"scan  [============>           ]  50%  500  100/s  5s left"},
		"at the end": {State{Step: "scan", Done: 1000, Total: 1000}, 10 * time.Second, 0,
			"scan  [========================] 100%  1,000  100/s  0s left"},
		"just begun, no rate yet": {State{Step: "scan", Total: 10}, 0, 0,
			"scan  [>                       ]   0%  0  0/s"},
		"an unknown total has no bar": {State{Step: "scan", Done: 1234567}, time.Second, 0,
			"scan  1,234,567  1,234,567/s"},
		"more than the total stays at 100": {State{Step: "scan", Done: 12, Total: 10}, time.Second, 0,
			"scan  [========================] 100%  12  12/s"},
		"slowed because of the database": {State{Step: "scan", Done: 12, Limit: slowed}, time.Second, 90,
			"scan  12  12/s  slowed to 3,125/s: the database takes 400ms to answer, usually 20ms"},
		"a limit": {State{Step: "scan", Done: 12, Limit: Limit{PerSecond: 50_000}}, time.Second, 0,
			"scan  12  12/s  at most 50,000/s"},
		"a narrow terminal cuts, not wraps": {State{Step: "scan", Done: 5, Total: 10}, time.Second, 10, "scan  [=="},
	} {
		t.Run(name, func(t *testing.T) {
			c.state.Started = start
			if got := c.state.Bar(start.Add(c.after), c.width); got != c.want {
				t.Errorf("got\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

// clock is moved by hand.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func TestLogsAtMostOneLineEveryTenSeconds(t *testing.T) {
	var out bytes.Buffer
	c := &clock{start}
	p := New(Output{Log: slog.New(slog.NewTextHandler(&out, nil)), Now: c.read})
	p.Start("scan", 1000)
	for range 250 { // 25 seconds
		c.now = c.now.Add(100 * time.Millisecond)
		p.Add(1)
	}
	p.Done()
	if lines := strings.Count(out.String(), "\n"); lines != 2 {
		t.Errorf("want 2 lines in 25 seconds, got %d:\n%s", lines, out.String())
	}
	if want := "step=scan done=100 perSecond=10 total=1000 percent=10 left=1m30s"; !strings.Contains(out.String(), want) {
		t.Errorf("want %q in\n%s", want, out.String())
	}
}

func TestABarIsRemovedAtTheEnd(t *testing.T) {
	var out bytes.Buffer
	c := &clock{start}
	p := New(Output{Terminal: &out, Now: c.read})
	p.Start("scan", 10)
	c.now = c.now.Add(time.Second)
	p.Add(5)
	c.now = c.now.Add(time.Second)
	p.Add(5)
	p.Done()
	want := "\rscan  [============>           ]  50%  5  5/s  1s left\x1b[K" +
		"\rscan  [========================] 100%  10  5/s  0s left\x1b[K\r\x1b[K"
	if out.String() != want {
		t.Errorf("got\n%q\nwant\n%q", out.String(), want)
	}
}

func TestNilShowsNothing(t *testing.T) {
	var p *Progress
	p.Start("scan", 1)
	p.Add(1)
	p.Done()
}

var slowed = Limit{Throttle: "low", PerSecond: 3125, Slowed: true, Took: 400 * time.Millisecond,
	Usual: 20 * time.Millisecond}

func TestTheLimitIsShown(t *testing.T) {
	var out bytes.Buffer
	c := &clock{start}
	p := New(Output{Log: slog.New(slog.NewTextHandler(&out, nil)), Now: c.read})
	p.LimitBy(func(files bool) Limit {
		if files {
			return Limit{Throttle: "low", PerSecond: 5000}
		}
		return slowed
	})
	p.Start("scan", 0)
	c.now = c.now.Add(LogEvery)
	p.Add(1)
	why := "the database takes 400ms to answer, usually 20ms"
	if want := `throttle=low limit=3125 slowed=true why="` + why + `"`; !strings.Contains(out.String(), want) {
		t.Errorf("want %q in\n%s", want, out.String())
	}
	if live := p.Live(); live.Throttle != "low" || live.Limit != 3125 || live.Why() != why {
		t.Errorf("%+v", live)
	}
	p.StartFiles("list", 0)
	if live := p.Live(); live.Limit != 5000 || live.Why() != "" {
		t.Errorf("of files: %+v", live)
	}
}

// Seen to fail with a rate since the step began: a run that was slowed by half at the end showed the old one.
func TestARateIsThatSinceTheLimitChanged(t *testing.T) {
	c := &clock{start}
	p := New(Output{Log: slog.New(slog.DiscardHandler), Now: c.read})
	p.Start("scan", 2000)
	pass := func(n int64) { c.now = c.now.Add(10 * time.Second); p.Add(n) }
	pass(1000)
	p.LimitChanged()
	if live := p.Live(); live.Rate != 0 || live.Left != -1 {
		t.Errorf("at once: %+v", live)
	}
	pass(100)
	if live := p.Live(); live.Rate != 10 || live.Left != 90 || live.Passed != 20 {
		t.Errorf("%+v", live)
	}
}
