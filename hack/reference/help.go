package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// jobCommands are the commands of maint-job.
var jobCommands = []string{"run", "run cleanup-orphaned-records", "restore", "list", "manifests", "check", "declare", "completion"}

// plugin are the commands of kubectl maint.
var plugin = []string{"list", "run", "plan", "history", "logs", "suspend", "resume", "throttle", "restore", "import"}

// help is the page of a program, made of what it and its commands print when they are asked for help.
func help(program string, commands ...string) (string, error) {
	folder, err := os.MkdirTemp("", "reference")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, program)
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/"+program).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# %s\n\nWhat `--help` prints.\n", called(program))
	for _, command := range append([]string{""}, commands...) {
		args := append(strings.Fields(command), "--help")
		out, err := exec.Command(binary, args...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%v: %w\n%s", args, err, out)
		}
		if command != "" {
			fmt.Fprintf(&page, "\n## %s %s\n", called(program), command)
		}
		fmt.Fprintf(&page, "\n```text\n%s\n```\n", strings.TrimSpace(own(string(out))))
	}
	return page.String(), nil
}

// called is what people type.
func called(program string) string { return strings.Replace(program, "kubectl-", "kubectl ", 1) }

// own is a help text without the flags that each command of the plugin has.
func own(text string) string {
	before, _, found := strings.Cut(text, "\nGlobal Flags:\n")
	if found {
		before += "\nThe flags of kubectl maint work, too."
	}
	return before
}
