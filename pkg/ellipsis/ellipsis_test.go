package ellipsis

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCut(t *testing.T) {
	for name, c := range map[string]struct {
		cut  func(string, int) string
		text string
		most int
		want string
	}{
		"a text that fits":                {Cut, "日本", 2, "日本"},
		"a text that is too long":         {Cut, "日本語", 2, "日…"},
		"room for the mark only":          {Cut, "日本", 1, ""},
		"no room":                         {Cut, "a", 0, ""},
		"nothing, and no room":            {Cut, "", 0, ""},
		"bytes that fit":                  {CutBytes, "日本", 6, "日本"},
		"bytes that are too many":         {CutBytes, "abcdef", 5, "ab…"},
		"bytes of which a rune is split":  {CutBytes, "日本語", 8, "日…"},
		"bytes of the mark only":          {CutBytes, "abcd", 3, ""},
		"fewer bytes than the mark has":   {CutBytes, "abcd", 2, ""},
		"bytes that are no UTF-8 at all":  {CutBytes, "\x80\x80\x80\x80\x80", 4, ""},
		"a first rune that does not fit":  {CutBytes, "日本語", 5, ""},
		"a text of exactly so many bytes": {CutBytes, "abc", 3, "abc"},
	} {
		if got := c.cut(c.text, c.most); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func FuzzWhatIsCutFits(f *testing.F) {
	f.Add("日本語 text", 5)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most &= 1<<12 - 1
		valid := utf8.ValidString(text)
		got := Cut(text, most)
		if utf8.RuneCountInString(got) > most || valid && !strings.HasPrefix(text, strings.TrimSuffix(got, mark)) {
			t.Errorf("%q in %d runes: %q", text, most, got)
		}
		if got := CutBytes(text, most); len(got) > most || valid && !utf8.ValidString(got) {
			t.Errorf("%q in %d bytes: %q", text, most, got)
		}
	})
}

func TestList(t *testing.T) {
	for names, want := range map[string]string{"": "", "a": "a", "a b": "a, b", "a b c": "a, b and 1 more",
		"a b c d": "a, b and 2 more"} {
		if got := List(strings.Fields(names), 2); got != want {
			t.Errorf("List(%q) is %q, want %q", names, got, want)
		}
	}
}
