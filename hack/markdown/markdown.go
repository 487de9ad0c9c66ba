// Package markdown writes the tables of the generated pages.
package markdown

import "strings"

// Cell is a text in a table: one line, in which a bar is no border and an angle bracket no tag.
func Cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(strings.Join(strings.Fields(text), " "))
}

// Row is a line of a table.
func Row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// Head begins a table.
func Head(names ...string) string {
	return Row(names...) + strings.Repeat("|---", len(names)) + "|\n"
}

// Code is a word as code; nothing stays nothing.
func Code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
