package chart

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/dashboard/view"
)

var class = regexp.MustCompile(` class="[^"]*"`)

// Whoever sees no colours tells states and outcomes apart by their shapes.
func TestStatesAndOutcomesDifferWithoutColour(t *testing.T) {
	seen := map[string]string{}
	for name, path := range shapes {
		if name == "paused" || name == "never-ran" { // as suspended, and as unknown: the word beside it tells more
			continue
		}
		bare := class.ReplaceAllString(path, "")
		if other := seen[bare]; other != "" {
			t.Errorf("%s looks like %s", name, other)
		}
		seen[bare] = name
	}
	for _, state := range view.States() {
		if _, known := shapes[string(state)]; !known {
			t.Errorf("%s has no shape", state)
		}
	}
	bars := map[string]string{}
	for _, outcome := range []string{"Succeeded", "Failed", "Refused", "Skipped"} {
		_, drawn, _ := strings.Cut(class.ReplaceAllString(string(Strip([]view.Bar{{Outcome: outcome, Took: time.Minute}})),
			""), ">")
		if other := bars[drawn]; other != "" {
			t.Errorf("a bar of %s looks like one of %s: %s", outcome, other, drawn)
		}
		bars[drawn] = outcome
	}
}

func TestAStripSaysInWordsWhatItShows(t *testing.T) {
	bars := []view.Bar{{Outcome: "Succeeded"}, {Outcome: "Succeeded", DryRun: true}, {Outcome: "Failed", Took: time.Hour}}
	const want = `aria-label="last 3 runs: 1 failed, 1 succeeded, 1 succeeded (dry run); the latest failed"`
	if got := string(Strip(bars)); !strings.Contains(got, want) {
		t.Errorf("%s lacks %s", got, want)
	}
	if got := Strip(nil); got != "" {
		t.Errorf("no runs are drawn as %s", got)
	}
}

// A longer run has a higher bar, and no bar is higher than the strip.
func TestABarIsAsHighAsItsRunWasLong(t *testing.T) {
	var before int
	for _, took := range []time.Duration{0, time.Second, time.Minute, time.Hour} {
		height := barHeight(took, time.Hour)
		if height <= before || height > stripHeight {
			t.Errorf("%v: %d after %d", took, height, before)
		}
		before = height
	}
}

// What grew most is drawn first after the duration; what was always 0, and a run that was skipped, are not drawn.
func TestAHistoryShowsWhatDrifts(t *testing.T) {
	run := func(class string, took time.Duration, broken, checked int64) view.Run {
		return view.Run{Class: class, Took: took, Counts: []view.Count{{Key: "filesChecked", Value: checked},
			{Key: "brokenTagRefs", Value: broken}, {Key: "never", Value: 0}}}
	}
	panels := History([]view.Run{run("ok", 70*time.Second, 30, 101), run("skipped", 0, 0, 0), run("ok", 40*time.Second, 3, 100)}) // latest first
	var got []string
	for _, p := range panels {
		got = append(got, p.Title+": "+p.Words)
	}
	want := []string{"duration: 1m10s in the latest of 2 runs; least 40s, most 1m10s",
		"broken tag refs: 30 in the latest of 2 runs; least 3, most 30",
		"files checked: 101 in the latest of 2 runs; least 100, most 101"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if drawn := string(panels[1].Drawing); strings.Count(drawn, "<rect") != 2 ||
		!strings.Contains(drawn, `aria-label="broken tag refs: 30 in`) {
		t.Error(drawn)
	}
	if History([]view.Run{run("ok", time.Second, 1, 1)}) != nil {
		t.Error("one run is a history")
	}
}

func TestADayShowsItsWindowAndItsRuns(t *testing.T) {
	day := view.Day{Date: "Sun 25 Oct", Times: []int{150}, Windows: []view.Span{{From: 0, To: 360}}, Words: "02:30",
		Change: "the clocks go back by 1 h"}
	got := string(Day(day))
	for _, want := range []string{`aria-label="Sun 25 Oct: runs at 02:30; the clocks go back by 1 h"`,
		`<rect class="window" x="0" y="0" width="120"`, `<path class="due" d="M50 5`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	every := view.Day{Times: make([]int, crowdedDay+1)}
	for i := range every.Times {
		every.Times[i] = 15 * i
	}
	if got := string(Day(every)); strings.Contains(got, "<path class=\"due\"") ||
		!strings.Contains(got, `<rect class="due"`) {
		t.Errorf("a crowded day is drawn as %s", got)
	}
}

func TestTextsInADrawingAreEscaped(t *testing.T) {
	got := string(Day(view.Day{Date: `"><script>`})) + string(Strip([]view.Bar{{Outcome: `"><script>`}})) +
		string(Shape(`"><script>`))
	if strings.Contains(got, "<script>") {
		t.Error(got)
	}
}
