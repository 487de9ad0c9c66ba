// Command testsummary reads the JSON that `go test -json` wrote into the files it is given and prints what a person wants
// to know last: which tests were skipped and why, which failed, and how many there were. It exits 1 when one failed, or
// when one was skipped and the environment says REQUIRE_ALL=1. The summary of gotestsum does
// not do: it is about one module, and lets skipped tests pass.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// event is one line of `go test -json`.
type event struct{ Action, Package, Test, Output string }

// tally is what became of all tests.
type tally struct {
	passed, failed int
	failures       []string
	skipped        []string // a line each: the test, and why
	output         map[string]string
}

func main() {
	t := tally{output: map[string]string{}}
	for _, name := range os.Args[1:] {
		if err := t.read(name); err != nil {
			fmt.Fprintln(os.Stderr, "testsummary:", err)
			os.Exit(1)
		}
	}
	t.print()
	if t.failed > 0 || (len(t.skipped) > 0 && os.Getenv("REQUIRE_ALL") == "1") {
		os.Exit(1)
	}
}

func (t *tally) read(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read test results: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			t.add(e)
		}
	}
	return lines.Err()
}

func (t *tally) add(e event) {
	name := strings.TrimPrefix(e.Package, "ucorefs.io/maintenance/") + " " + e.Test
	switch {
	case e.Action == "output":
		t.output[name] += e.Output
	case e.Test == "" && e.Action == "fail":
		t.failures = append(t.failures, name+"(the package)")
		t.failed++
	case e.Test == "":
	case e.Action == "pass":
		t.passed++
	case e.Action == "fail":
		t.failures = append(t.failures, name)
		t.failed++
	case e.Action == "skip":
		t.skipped = append(t.skipped, name+": "+reason(t.output[name]))
	}
}

// reason is what a skipped test said last, without the file and line before it.
func reason(output string) string {
	said := "no reason given"
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimSpace(line)
		if _, after, ok := strings.Cut(line, ".go:"); ok {
			_, said, _ = strings.Cut(after, ": ")
		}
	}
	return said
}

func (t *tally) print() {
	for _, s := range t.skipped {
		fmt.Println("skipped:", s)
	}
	for _, f := range t.failures {
		fmt.Println("failed:", f)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
}
