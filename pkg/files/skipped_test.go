package files

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Seen to fail when the folders that may not be read were not told from others.
func TestSkippedFoldersSayWhatHelps(t *testing.T) {
	for name, c := range map[string]struct {
		errs []error
		says string
	}{
		"one may not be read": {[]error{unix.EIO, unix.EACCES}, "may not read 1 of them: " + ReadableRemedy},
		"a disk fails":        {[]error{unix.EIO}, "the warnings say why"},
	} {
		var s Skipped
		for _, err := range c.errs {
			s.add("folder", err)
		}
		if got := s.Plus(Skipped{}).Remedy(); !strings.HasSuffix(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}
