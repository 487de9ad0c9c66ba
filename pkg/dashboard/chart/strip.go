package chart

import (
	"fmt"
	"html/template"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// The sizes of a strip, in pixels.
const (
	barWidth    = 7
	barGap      = 2
	stripHeight = 24
	leastBar    = 6
)

// Strip draws the last runs, oldest first. A bar is as high as its run was long, beside the longest one, by logarithm;
// what it looks like says how the run ended.
func Strip(bars []view.Bar) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	longest := time.Second
	for _, b := range bars {
		longest = max(longest, b.Took)
	}
	d := &drawing{}
	d.add(`<svg class="strip" width="%d" role="img" aria-label="%s">`, len(bars)*(barWidth+barGap)-barGap,
		template.HTMLEscapeString(stripWords(bars)))
	full := map[string]string{} // the paths of full bars, which most are, by class: a thousand rows have many
	for i, b := range bars {
		x, height := i*(barWidth+barGap), barHeight(b.Took, longest)
		class := classOf(b)
		switch {
		case drawOther(d, b, class, x, height):
		case b.DryRun:
			d.add(`<path class="%s" d="M%d %dh%dv%dh-%dz"/>`, class, x, stripHeight-height, barWidth, height, barWidth)
		default: // a line as wide as a bar
			full[class] += fmt.Sprintf("M%d.5 %dV%d", x+barWidth/2, stripHeight, stripHeight-height)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(full)) {
		d.add(`<path class="bar %s" d="%s"/>`, class, full[class])
	}
	return d.end()
}

// classOf is the class of a bar: hollow for a dry run.
func classOf(b view.Bar) string {
	class := "s-" + view.Class(b.Outcome)
	if b.DryRun {
		class += " hollow"
	}
	return class
}

func barHeight(took, longest time.Duration) int {
	share := math.Log1p(max(took.Seconds(), 0)) / math.Log1p(longest.Seconds())
	return leastBar + int(share*(stripHeight-leastBar))
}

// drawOther draws what did not go well, in a form of its own, and tells whether it did.
func drawOther(d *drawing, b view.Bar, class string, x, height int) bool {
	top := stripHeight - height
	switch view.Class(b.Outcome) {
	case "failed":
		d.add(`<path class="%s" d="M%d %dh%dv%dh-%dz"/><path class="cross" d="M%d %dl%d %dM%d %dl-%d %d"/>`, class, x, top,
			barWidth, height, barWidth,
			x+1, stripHeight-leastBar, barWidth-2, barWidth-2, x+barWidth-1, stripHeight-leastBar, barWidth-2, barWidth-2)
	case "refused":
		d.add(`<path class="%s" d="M%d %dl%d %dh-%dz"/>`, class, x+barWidth/2, top, barWidth/2+1, height, barWidth)
	case "skipped", "unknown":
		d.add(`<circle class="%s hollow" cx="%d" cy="%d" r="2.5"/>`, class, x+barWidth/2, stripHeight-4)
	default:
		return false
	}
	return true
}

// stripWords say how many ended in which way, and how the last one did.
func stripWords(bars []view.Bar) string {
	tally := map[string]int{}
	for _, b := range bars {
		tally[outcome(b)]++
	}
	var words []string
	for name, n := range tally {
		words = append(words, fmt.Sprintf("%d %s", n, name))
	}
	slices.Sort(words)
	return fmt.Sprintf("last %d runs: %s; the latest %s", len(bars), strings.Join(words, ", "), outcome(bars[len(bars)-1]))
}

func outcome(b view.Bar) string {
	word := strings.ToLower(b.Outcome)
	if b.DryRun {
		word += " (dry run)"
	}
	return word
}
