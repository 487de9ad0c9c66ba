package chart

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// The size of a panel, in pixels.
const (
	panelWidth  = 280
	panelHeight = 96
	panelTop    = 18
	panelBottom = 16
)

// Panel is one figure over time, with its words beside it.
type Panel struct {
	Title, Words string
	Drawing      template.HTML
}

// mostPanels is how many figures are drawn; the table has all.
const mostPanels = 6

// History draws the duration of the runs, and each figure that was ever something else than 0, from the oldest run to
// the latest. Runs are latest first. Skipped runs did nothing, and are left out.
func History(runs []view.Run) (panels []Panel) {
	var began []view.Run
	for _, r := range slices.Backward(runs) {
		if r.Class != "skipped" {
			began = append(began, r)
		}
	}
	if len(began) < 2 {
		return nil
	}
	took := make([]int64, len(began))
	for i, r := range began {
		took[i] = int64(r.Took)
	}
	panels = append(panels, newPanel("duration", began, took, func(n int64) string { return short(time.Duration(n)) }))
	for _, key := range drawnKeys(began) {
		panels = append(panels, newPanel(view.Words(key), began, values(began, key), view.Number))
	}
	return panels
}

// drawnKeys are the figures that changed most, beside their largest value: drift is seen first.
func drawnKeys(runs []view.Run) []string {
	change := map[string]float64{}
	for _, r := range runs {
		for _, c := range r.Counts {
			all := values(runs, c.Key)
			if largest := slices.Max(all); largest > 0 {
				change[c.Key] = float64(largest-slices.Min(all)) / float64(largest)
			}
		}
	}
	keys := make([]string, 0, len(change))
	for key := range change {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(-cmp.Compare(change[a], change[b]), cmp.Compare(a, b)) })
	return keys[:min(len(keys), mostPanels-1)]
}

func values(runs []view.Run, key string) []int64 {
	out := make([]int64, len(runs))
	for i, r := range runs {
		for _, c := range r.Counts {
			if c.Key == key {
				out[i] = max(c.Value, 0)
			}
		}
	}
	return out
}

func newPanel(title string, runs []view.Run, all []int64, words func(int64) string) Panel {
	p := Panel{Title: title, Words: fmt.Sprintf("%s in the latest of %d runs; least %s, most %s",
		words(all[len(all)-1]), len(all), words(slices.Min(all)), words(slices.Max(all)))}
	d := begin("panel", panelWidth, panelHeight, title+": "+p.Words)
	largest := max(slices.Max(all), 1)
	step := float64(panelWidth) / float64(len(all))
	height := float64(panelHeight - panelTop - panelBottom)
	d.text(0, 12, "scale", words(slices.Max(all)))
	var line []string
	for i, n := range all {
		x, h := float64(i)*step, float64(n)/float64(largest)*height
		class := "s-" + runs[i].Class
		if runs[i].DryRun {
			class += " hollow"
		}
		d.add(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, x+step*.15, panelTop+height-h,
			step*.7, max(h, 1))
		line = append(line, fmt.Sprintf("%.1f,%.1f", x+step/2, panelTop+height-h))
	}
	d.add(`<polyline class="trend" points="%s"/>`, strings.Join(line, " "))
	d.add(`<path class="axis" d="M0 %.1fh%d"/>`, panelTop+height+.5, panelWidth)
	drawEnds(d, runs)
	p.Drawing = d.end()
	return p
}

// drawEnds writes when the first and the last run began.
func drawEnds(d *drawing, runs []view.Run) {
	if first := runs[0].Started; first != nil {
		d.text(0, panelHeight-3, "scale", day(first))
	}
	if last := runs[len(runs)-1].Started; last != nil {
		d.text(panelWidth, panelHeight-3, "scale right", day(last))
	}
}

func day(m *view.Moment) string { return m.Exact[:min(len(m.Exact), len("2006-01-02"))] }

// short is a duration without parts that nobody reads in a chart.
func short(d time.Duration) string {
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
