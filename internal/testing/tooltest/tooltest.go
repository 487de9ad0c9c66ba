// Package tooltest finds what tests need from outside: the repository's root, the tools that `make tools` builds, and
// numbers from the environment. It must not be linked by anything that ships.
package tooltest

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Path is the path of a built tool, such as ferretdb. Where it is not built the test is skipped, or fails if the
// environment says REQUIRE_ALL=1.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(bin(), name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("REQUIRE_ALL") == "1" {
		t.Fatalf("%s is not built: run make tools", name)
	}
	t.Skipf("%s is not built: run make tools", name)
	return ""
}

// Root is the folder of the product's go.mod, at or above the working directory: a test may have a module of its own.
func Root() string {
	dir, _ := os.Getwd()
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && slices.Contains(strings.Split(string(text), "\n"), "module ucorefs.io/maintenance") {
			break
		}
	}
	return dir
}

// Number is a number from the environment, such as how many seeds a campaign tries, or the usual one.
func Number(t testing.TB, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// bin is $TOOLS_BIN, or .tools/bin in the root.
func bin() string {
	if dir := os.Getenv("TOOLS_BIN"); dir != "" {
		return dir
	}
	return filepath.Join(Root(), ".tools", "bin")
}
