package roots

import (
	"strings"
	"unicode/utf8"

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
func normal(name string) string {
	if isASCII(name) {
		return name
	}
	return norm.NFC.String(name)
}

// isASCII looks at eight bytes at a time: most names are ASCII, and each is looked at several times.
func isASCII(name string) bool {
	for ; len(name) >= 8; name = name[8:] {
		if name[0]|name[1]|name[2]|name[3]|name[4]|name[5]|name[6]|name[7] >= utf8.RuneSelf {
			return false
		}
	}
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
