package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// width is the number of columns that everything printed fits.
const width = 80

func (d *demo) title(text string) { fmt.Fprintf(d.out, "\n==> %s\n", text) }

// say prints a sentence, indented and folded.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintln(d.out, fold(fmt.Sprintf(format, args...), "    ", "    "))
}

// command prints the command line that a person would type for the same.
func (d *demo) command(args []string) {
	words := []string{shown(d.job.binary)}
	for _, arg := range args {
		words = append(words, typed(arg))
	}
	fmt.Fprintln(d.out, fold(strings.Join(words, " "), "    $ ", "        "))
}

// fold breaks a text between words, so that each line fits; first begins the first line and rest all others. A word
// that is longer than a line has a line of its own.
func fold(text, first, rest string) string {
	var lines []string
	line := first
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+len([]rune(word)) > width-1 && strings.TrimSpace(line) != "" {
			lines, line = append(lines, strings.TrimRight(line, " ")), rest
		}
		line += word + " "
	}
	return strings.Join(append(lines, strings.TrimRight(line, " ")), "\n")
}

// indent is a program's own output, every line indented; one that is too long goes on below its second column.
func indent(text string) string {
	const most, below = width - 4, "          "
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		for len(line) > most && strings.Contains(line[len(below):most], " ") {
			at := strings.LastIndex(line[:most], " ")
			lines, line = append(lines, "    "+line[:at]), below+line[at+1:]
		}
		lines = append(lines, strings.TrimRight("    "+line, " "))
	}
	return strings.Join(lines, "\n")
}

const (
	heading = "%-31s %-22s %5s %4s %4s %6s\n"
	line    = "%-31s %-22s %5d %4d %4d %6s\n"
)

// printTable prints what was wrong, what was done and what is left.
func (d *demo) printTable(took time.Duration) {
	d.title("Result")
	fmt.Fprintf(d.out, heading, "TASK", "WHAT WAS COUNTED", "WRONG", "DONE", "LEFT", "TOOK")
	for _, r := range d.rows {
		fmt.Fprintf(d.out, line, r.name, r.wrong, r.before, r.done, r.left, fmt.Sprintf("%.1fs", r.took.Seconds()))
	}
	fmt.Fprintln(d.out)
	d.say("DONE is what maint-job says. WRONG and LEFT are a recount before and after by a program that shares no code "+
		"with it. Each task was planned first (--dry-run), and the plan changed nothing. The whole took %s.",
		took.Round(time.Second))
	if i := slices.IndexFunc(d.rows, func(r row) bool { return r.expected > 0 }); i >= 0 {
		d.say("%s only reports.", d.rows[i].name)
	}
}

// printNext says how to go on from here.
func (d *demo) printNext(s settings) {
	d.title("Look around")
	d.say("Records, files and logs are in %s. Start the database again, and ask anything:",
		shown(filepath.Dir(d.folders.database)))
	fmt.Fprintf(d.out, "\n    %s --listen 127.0.0.1:27117 \\\n        --sqlite-url file:%s/ &\n",
		shown(s.ferretDB), shown(d.folders.database))
	fmt.Fprintf(d.out, "    export MONGODB_URI=mongodb://127.0.0.1:27117/\n")
	fmt.Fprintf(d.out, "    %s run verify-references\n", shown(s.maintJob))
}
