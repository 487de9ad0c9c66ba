package kubectlmaint

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Width is what a line of a table has at most, in characters, unless it is printed wide or holds a longer word.
const Width = 80

// gap stands between two columns.
const gap = "  "

// keyWidth is what a column of names has at most where the table is too wide; a longer name has a line of its own.
const keyWidth = 26

// table is rows of cells, each with lines of text below it.
type table struct {
	columns []column
	rows    []row
}

// column is a title. The cells of a key are names, which people copy and which are never folded.
type column struct {
	title string
	key   bool
}

type row struct {
	cells []string
	below []string // sentences, indented and folded at the width
}

// write prints the table; a width of 0 folds nothing.
func (t table) write(out io.Writer, width int) error {
	widths := t.widths(width)
	var text strings.Builder
	var titles []string
	for _, c := range t.columns {
		titles = append(titles, c.title)
	}
	writeLine(&text, titles, widths)
	for _, r := range t.rows {
		t.writeRow(&text, r, widths, width)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func (t table) writeRow(text *strings.Builder, r row, widths []int, width int) {
	cells := make([][]string, len(r.cells))
	height := 1
	for i, cell := range r.cells {
		switch long := utf8.RuneCountInString(cell) > widths[i]; {
		case long && t.columns[i].key:
			fmt.Fprintln(text, cell)
		default:
			cells[i] = folded(cellWords(cell), widths[i])
		}
		height = max(height, len(cells[i]))
	}
	for n := range height {
		line := make([]string, len(cells))
		for i := range cells {
			if n < len(cells[i]) {
				line[i] = cells[i][n]
			}
		}
		writeLine(text, line, widths)
	}
	for _, sentence := range r.below {
		for _, line := range folded(sentenceWords(sentence), width-len(gap)) {
			fmt.Fprintln(text, gap+line)
		}
	}
}

// widths gives each column what its longest cell needs. Where a line would be too long the widest column gives way
// first, down to its longest word, and then the names.
func (t table) widths(width int) []int {
	widths, least := make([]int, len(t.columns)), make([]int, len(t.columns))
	excess := len(gap)*(len(widths)-1) - width
	for i, c := range t.columns {
		widths[i], least[i] = utf8.RuneCountInString(c.title), utf8.RuneCountInString(c.title)
		for _, r := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(r.cells[i]))
			if !c.key {
				least[i] = max(least[i], longestWord(r.cells[i]))
			}
		}
		excess += widths[i]
	}
	if width == 0 {
		return widths
	}
	for i, c := range t.columns {
		if cut := widths[i] - max(keyWidth, least[i]); c.key && excess > 0 && cut > 0 {
			widths[i], excess = widths[i]-cut, excess-cut
		}
	}
	excess = t.narrow(widths, least, excess, false)
	t.narrow(widths, least, excess, true)
	return widths
}

// narrow takes from the widest columns, which are names or not, until nothing is in excess. It returns what still is.
func (t table) narrow(widths, least []int, excess int, keys bool) int {
	for ; excess > 0; excess-- {
		widest := -1
		for i, c := range t.columns {
			if c.key == keys && widths[i] > least[i] && (widest < 0 || widths[i] >= widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return excess
}

func writeLine(text *strings.Builder, cells []string, widths []int) {
	var line strings.Builder
	for i, cell := range cells {
		fmt.Fprintf(&line, "%-*s%s", widths[i], cell, gap)
	}
	if trimmed := strings.TrimRight(line.String(), " "); trimmed != "" {
		fmt.Fprintln(text, trimmed)
	}
}

// folded is words in lines of at most that width. A longer word has a line of its own; a width of 0 or less breaks
// nothing.
func folded(words []string, width int) (lines []string) {
	line := ""
	for _, word := range words {
		longer := line + strings.TrimRight(word, " ")
		if width > 0 && line != "" && utf8.RuneCountInString(longer) > width {
			lines, line = append(lines, strings.TrimRight(line, " ")), ""
		}
		line += word
	}
	return append(lines, strings.TrimRight(line, " "))
}

// joint is where a cell may be folded besides its blanks: the parts of a task's name, an outcome and its reason, a list
// in cron.
var joint = regexp.MustCompile(`[[:alpha:]][-/]([[:alpha:]])|,(\d)`)

// cellWords are the parts of a cell between which a line may be broken.
func cellWords(cell string) (words []string) {
	for _, word := range strings.SplitAfter(strings.ReplaceAll(cell, dryRun, "(dry\u00a0run)"), " ") {
		word = strings.ReplaceAll(word, "\u00a0", " ")
		start := 0
		for _, at := range joint.FindAllStringIndex(word, -1) {
			words, start = append(words, word[start:at[1]-1]), at[1]-1
		}
		words = append(words, word[start:])
	}
	return words
}

// sentenceWords are those of a sentence, in which a path or a name is one word.
func sentenceWords(sentence string) []string {
	return strings.SplitAfter(strings.Join(strings.Fields(sentence), " "), " ")
}

func longestWord(cell string) (n int) {
	for _, word := range cellWords(cell) {
		n = max(n, utf8.RuneCountInString(strings.TrimRight(word, " ")))
	}
	return n
}
