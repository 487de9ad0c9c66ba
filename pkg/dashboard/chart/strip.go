package chart

import (
	"fmt"
	"html/template"
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

// Strip draws the last runs, oldest first. A bar is as high as its run was long, beside the longest one, by logarithm; what it looks
// like says how the run ended.
func Strip(bars []view.Bar) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	longest := time.Second
	for _, b := range bars {
		longest = max(longest, b.Took)
	}
	d := begin("strip", len(bars)*(barWidth+barGap)-barGap, stripHeight, stripWords(bars))
	for i, b := range bars {
		drawBar(d, b, i*(barWidth+barGap), barHeight(b.Took, longest))
	}
	return d.end()
}

func barHeight(took, longest time.Duration) int {
	share := math.Log1p(max(took.Seconds(), 0)) / math.Log1p(longest.Seconds())
	return leastBar + int(share*(stripHeight-leastBar))
}

// drawBar draws a full bar for what went well, and another form for each other outcome; a dry run is hollow.
func drawBar(d *drawing, b view.Bar, x, height int) {
	class, top := view.Class(b.Outcome), stripHeight-height
	hollow := ""
	if b.DryRun {
		hollow = " hollow"
	}
	switch class {
	case "failed":
		d.add(`<path class="s-failed%s" d="M%d %dh%dv%dh-%dz"/><path class="cross" d="M%d %dl%d %dM%d %dl-%d %d"/>`, hollow, x, top, barWidth, height, barWidth,
			x+1, stripHeight-leastBar, barWidth-2, barWidth-2, x+barWidth-1, stripHeight-leastBar, barWidth-2, barWidth-2)
	case "refused":
		d.add(`<path class="s-refused%s" d="M%d %dl%d %dh-%dz"/>`, hollow, x+barWidth/2, top, barWidth/2+1, height, barWidth)
	case "skipped", "unknown":
		d.add(`<circle class="s-%s hollow" cx="%d" cy="%d" r="2.5"/>`, class, x+barWidth/2, stripHeight-4)
	default:
		d.add(`<path class="s-%s%s" d="M%d %dh%dv%dh-%dz"/>`, class, hollow, x, top, barWidth, height, barWidth)
	}
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
