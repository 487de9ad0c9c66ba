package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestEverythingFitsTheTerminal(t *testing.T) {
	var out bytes.Buffer
	d := &demo{out: &out}
	d.say("%s", strings.Repeat("a sentence that is long ", 20))
	for _, s := range steps() {
		d.say("%s", s.why)
		full := row{name: s.task, wrong: s.wrong, before: 12345, left: 1234, done: 1234, took: 100 * time.Second}
		d.rows = append(d.rows, full)
	}
	d.printTable(time.Minute)
	for _, line := range strings.Split(out.String(), "\n") {
		if len([]rune(line)) > width {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
}

func TestFold(t *testing.T) {
	fifteen := strings.TrimSpace(strings.Repeat("word ", 15))
	for name, c := range map[string]struct{ text, want string }{
		"a short text is one line":            {"one two", "  $ one two"},
		"a long text breaks between words":    {fifteen + " and more", "  $ " + fifteen + "\n    and more"},
		"a word longer than a line stays one": {"see " + strings.Repeat("x", 90), "  $ see\n    " + strings.Repeat("x", 90)},
		"nothing":                             {"", "  $"},
	} {
		if got := fold(c.text, "  $ ", "    "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestAProgramsOwnOutputKeepsItsColumns(t *testing.T) {
	long := "folder    --library-root=/" + strings.Repeat("x", 45) + ": readable and writable"
	want := "    short\n\n    folder    --library-root=/" + strings.Repeat("x", 45) +
		":\n              readable and writable"
	if got := indent("short\n\n" + long + "\n"); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}
