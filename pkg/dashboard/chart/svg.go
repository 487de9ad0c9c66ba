// Package chart draws SVG on the server: shapes of states, strips of runs, histories and calendars. Colours come from
// classes of the style sheet, and every drawing says in words what it shows.
//
// It is pure: values in, markup out. It must escape whatever it did not write itself, and needs no script.
package chart

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

// drawing collects the elements of one SVG.
type drawing struct{ strings.Builder }

// begin opens an image with a name for those who do not see it.
func begin(class string, width, height int, label string) *drawing {
	d := &drawing{}
	d.add(`<svg class="%s" viewBox="0 0 %d %d" width="%[2]d" height="%[3]d" role="img" aria-label="%[4]s">`,
		class, width, height, template.HTMLEscapeString(label))
	return d
}

// add writes an element. Texts among the values have to be escaped.
func (d *drawing) add(format string, values ...any) { fmt.Fprintf(d, format, values...) }

// text writes a text at a place.
func (d *drawing) text(x, y int, class, text string) {
	d.add(`<text x="%d" y="%d" class="%s">%s</text>`, x, y, class, template.HTMLEscapeString(text))
}

func (d *drawing) end() template.HTML {
	d.WriteString("</svg>")
	return template.HTML(d.String()) // every text in it was escaped
}

// shapes are the paths of a square of 16, one for each state. They differ without colour.
var shapes = map[string]string{
	"ok":        `<circle cx="8" cy="8" r="7"/><path class="mark" d="M4.5 8.5l2.5 2.5 4.5-5"/>`,
	"failed":    `<rect x="1.5" y="1.5" width="13" height="13" rx="2"/><path class="mark" d="M5 5l6 6M11 5l-6 6"/>`,
	"refused":   `<path d="M8 1l7 13.5H1z"/><path class="mark" d="M8 6v4M8 12v.6"/>`,
	"stalled":   `<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="mark" d="M4.5 8h7"/>`,
	"overdue":   `<circle class="hollow" cx="8" cy="8" r="6.5"/><path class="line" d="M8 4v4.5l3 2"/>`,
	"waiting":   `<path class="hollow" d="M3 1.5h10L8 8l5 6.5H3L8 8z"/>`,
	"running":   `<path d="M3 1.5v13l11-6.5z"/>`,
	"suspended": `<path d="M3 2h4v12H3zM9 2h4v12H9z"/>`,
	"never-ran": `<circle class="hollow dashed" cx="8" cy="8" r="6.5"/>`,
	"paused":    `<path d="M3 2h4v12H3zM9 2h4v12H9z"/>`,
	"skipped":   `<path d="M2 2l6 6-6 6zM8 2l6 6-6 6z"/>`,
	"unknown":   `<circle class="hollow dashed" cx="8" cy="8" r="6.5"/>`,
}

// Shape is the mark of a state or an outcome, drawn once on the page by Shapes. The word stands beside it, so that it
// is hidden from screen readers. Its colour is that of the state around it.
func Shape[S ~string](state S) template.HTML {
	if _, known := shapes[string(state)]; !known {
		state = "unknown"
	}
	return template.HTML(`<svg class="shape" aria-hidden="true"><use href="#i-` + string(state) + `"/></svg>`)
}

// Shapes are the drawings that Shape refers to. A page has them once, however many rows it has.
func Shapes() template.HTML {
	d := &drawing{}
	d.add(`<svg class="shapes" aria-hidden="true">`)
	for _, state := range slices.Sorted(maps.Keys(shapes)) {
		d.add(`<symbol id="i-%s" viewBox="0 0 16 16">%s</symbol>`, state, shapes[state])
	}
	return d.end()
}
