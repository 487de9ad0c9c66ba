package kubectlmaint

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"ucorefs.io/maintenance/pkg/ellipsis"
)

// Width is what a line of a table has at most, in characters, unless it is printed wide.
const Width = 120

// gap stands between two columns.
const gap = "  "

// table is rows of cells, each with lines of text below it.
type table struct {
	columns []column
	rows    []row
}

// column is a title and, where its cells may be cut so that a line fits, how many characters stay at least.
type column struct {
	title string
	least int // 0: never cut
}

type row struct {
	cells []string
	below []string // sentences, indented and broken at the width
}

// write prints the table; a width of 0 cuts and breaks nothing.
func (t table) write(out io.Writer, width int) error {
	widths := t.widths(width)
	var text strings.Builder
	var titles []string
	for _, c := range t.columns {
		titles = append(titles, c.title)
	}
	writeLine(&text, titles, widths)
	for _, r := range t.rows {
		writeLine(&text, r.cells, widths)
		for _, sentence := range r.below {
			for _, line := range broken(sentence, width-len(gap)) {
				fmt.Fprintln(&text, gap+line)
			}
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// widths gives each column what its longest cell needs. Where a line would be too long, the last columns that may be cut give
// way first.
func (t table) widths(width int) []int {
	widths := make([]int, len(t.columns))
	sum := len(gap) * (len(widths) - 1)
	for i, c := range t.columns {
		widths[i] = utf8.RuneCountInString(c.title)
		for _, r := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(r.cells[i]))
		}
		sum += widths[i]
	}
	for i := len(widths) - 1; i >= 0 && width > 0 && sum > width; i-- {
		least := t.columns[i].least
		if least == 0 {
			continue
		}
		cut := min(sum-width, max(0, widths[i]-max(least, utf8.RuneCountInString(t.columns[i].title))))
		widths[i], sum = widths[i]-cut, sum-cut
	}
	return widths
}

func writeLine(text *strings.Builder, cells []string, widths []int) {
	var line strings.Builder
	for i, cell := range cells {
		fmt.Fprintf(&line, "%-*s%s", widths[i], ellipsis.Cut(cell, widths[i]), gap)
	}
	fmt.Fprintln(text, strings.TrimRight(line.String(), " "))
}

// broken is a sentence in lines of at most that width, between words where it has any.
func broken(sentence string, width int) (lines []string) {
	if width <= 0 {
		return []string{strings.Join(strings.Fields(sentence), " ")}
	}
	line := ""
	for _, word := range strings.Fields(sentence) {
		for ; utf8.RuneCountInString(word) > width; word = string([]rune(word)[width:]) {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			lines = append(lines, string([]rune(word)[:width]))
		}
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
