// Package plaintext makes text that somebody else wrote safe for a terminal and for one line of a status: what a pod, a
// node or a file name says may hold control characters that move the cursor, change the window's title, or turn a line
// around.
//
// It is pure, and keeps every letter of every script. It must not be used on what a program reads.
package plaintext

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is text in one line: white space of any kind is a blank, and what a terminal would obey is written as an escape,
// such as \x1b or \u202e. Plain text stays as it is.
func Line(text string) string { return replace(text, "") }

// replace writes all runes of a text but those of keep so that a terminal obeys none.
func replace(text, keep string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return isCommand(r) && !strings.ContainsRune(keep, r) }) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune(keep, r) && r != utf8.RuneError:
			b.WriteRune(r)
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)): // a byte that is no UTF-8
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case !isCommand(r), r == utf8.RuneError:
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// isCommand tells whether a terminal may obey a rune instead of showing it: control characters, separators of lines and
// paragraphs, what changes the direction of writing, and what is not UTF-8.
func isCommand(r rune) bool {
	switch {
	case unicode.IsControl(r), r == utf8.RuneError, r == '\u2028', r == '\u2029':
		return true
	case r == '\u061c', r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// Writer passes lines on to a terminal, with line feeds and tabs as they are, and everything else that a terminal would
// obey written as an escape.
type Writer struct {
	To   io.Writer
	rest []byte // the beginning of a rune whose other bytes are still to come
}

// Write implements io.Writer. The bytes of a rune that is not whole yet wait for the rest of it.
func (w *Writer) Write(p []byte) (int, error) {
	text := append(w.rest, p...)
	whole := len(text) - partial(text)
	w.rest = append([]byte(nil), text[whole:]...)
	if _, err := io.WriteString(w.To, replace(string(text[:whole]), "\n\t")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// partial is how many bytes at the end of a text may be the beginning of a rune.
func partial(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}
