package roots

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Form is how names are compared in a root. A comparison that is too wide can only make a missing file look alive.
type Form struct {
	// FoldsCase is set where names that differ in case only may be one file.
	FoldsCase bool
}

// of is the form of a name or a path in which two are equal that may be one file.
func (f Form) of(name string) string {
	if f.FoldsCase {
		name = strings.ToLower(strings.ToUpper(normal(name)))
	}
	return normal(name)
}

// normal is the composed form (NFC): macOS stores decomposed names, other systems store what they are given.
func normal(name string) string { return norm.NFC.String(name) }
