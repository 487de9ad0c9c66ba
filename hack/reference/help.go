package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// help is the page of a program, made of what it, each of its commands and some more of them print when they are asked
// for help.
func help(program string, more ...string) (string, error) {
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
	commands := []string{""}
	for at := 0; at < len(commands); at++ {
		command := commands[at]
		args := append(strings.Fields(command), "--help")
		out, err := exec.Command(binary, args...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%v: %w\n%s", args, err, out)
		}
		if command == "" {
			commands = append(slices.Concat(commands, commandsIn(string(out))), more...)
		} else {
			fmt.Fprintf(&page, "\n## %s %s\n", called(program), command)
		}
		fmt.Fprintf(&page, "\n```text\n%s\n```\n", strings.TrimSpace(own(string(out))))
	}
	return page.String(), nil
}

// commandsIn are the commands that a help text lists.
func commandsIn(text string) (names []string) {
	_, list, _ := strings.Cut(text, "\nAvailable Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		if name := strings.Fields(line)[0]; name != "help" {
			names = append(names, name)
		}
	}
	return names
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
