// Command reference writes docs/reference: what the source, the CRD and the chart say of themselves, as pages to read.
//
//	go run ./hack/reference docs/reference
//
// It adds no knowledge of its own. What is wrong on a page is wrong in the comment, the description or the help that it
// was made of.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: reference FOLDER")
		os.Exit(64)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

// pages are all pages, by file name.
func pages() map[string]func() (string, error) {
	return map[string]func() (string, error){
		"schedule.md":      func() (string, error) { return schedule("config/crd") },
		"values.md":        func() (string, error) { return values("charts/maintenance") },
		"metrics.md":       metrics,
		"reasons.md":       reasons,
		"maint-job.md":     func() (string, error) { return help("maint-job", "run cleanup-orphaned-records") },
		"controller.md":    func() (string, error) { return help("controller") },
		"dashboard.md":     func() (string, error) { return help("dashboard") },
		"kubectl-maint.md": func() (string, error) { return help("kubectl-maint") },
	}
}

func write(folder string) error {
	for name, page := range pages() {
		text, err := page()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
