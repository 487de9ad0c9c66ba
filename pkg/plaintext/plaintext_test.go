package plaintext

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestATerminalObeysNothing(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain text stays":                 {"4 tags → ж日🙂é", "4 tags → ж日🙂é"},
		"lines become one":                 {"a\r\nb\tc\vd", "a  b c d"},
		"colours and cursor movements":     {"\x1b[2J\x1b[31mred\x07", `\x1b[2J\x1b[31mred\x07`},
		"the one-byte form of the same":    {"\u009b31m", `\x9b31m`},
		"the writing direction":            {"photo\u202egpj.exe", `photo\u202egpj.exe`},
		"a separator of lines":             {"a\u2028b\u0085c", "a b c"},
		"what is no UTF-8":                 {"a\xffb", `a\xffb`},
		"a replacement character as such":  {"a\ufffdb\x00", "a\ufffdb" + `\x00`},
		"emoji that are joined stay whole": {"👩\u200d👩", "👩\u200d👩"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Line(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Text that is written in pieces is as safe, and as whole, as in one.
func TestAWriterKeepsLinesAndRunes(t *testing.T) {
	const text = "one\ttwo日\n\x1b]0;title\x07three\u202e\n"
	var whole strings.Builder
	if _, err := (&Writer{To: &whole}).Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	want := "one\ttwo日\n" + `\x1b]0;title\x07three\u202e` + "\n"
	if whole.String() != want {
		t.Fatalf("got %q, want %q", whole.String(), want)
	}
	var pieces strings.Builder
	w := &Writer{To: &pieces}
	for i := range len(text) {
		if n, err := w.Write([]byte{text[i]}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if pieces.String() != want {
		t.Errorf("in pieces: %q", pieces.String())
	}
}

func FuzzLine(f *testing.F) {
	f.Add("\x1b[0m\u202e\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := Line(text)
		if strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }) ||
			!utf8.ValidString(got) {
			t.Errorf("%q is still %q", text, got)
		}
		if Line(got) != got {
			t.Errorf("%q is not stable", got)
		}
	})
}
