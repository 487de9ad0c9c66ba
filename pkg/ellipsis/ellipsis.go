// Package ellipsis cuts texts and lists that are too long for their place: a table, a message, an Event.
//
// A text that fits stays as it is; one that is cut ends in an ellipsis, so that a reader sees it. It must not decide
// what is too long.
package ellipsis

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// mark ends a text that was cut.
const mark = "…"

// Cut is the text in at most so many runes, the mark included. It is empty where nothing but the mark would fit.
func Cut(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	if runes <= 1 {
		return ""
	}
	return string([]rune(text)[:runes-1]) + mark
}

// CutBytes is Cut for a place that counts bytes. It splits no rune.
func CutBytes(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	end := bytes - len(mark)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	if end <= 0 {
		return ""
	}
	return text[:end] + mark
}

// List is the names in one sentence: at most the first few, and how many more there are.
func List(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
