// Package walkthrough holds the test that types what docs/contributing.md has its reader type, in a copy of the
// repository.
package walkthrough
