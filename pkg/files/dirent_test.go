package files

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRecordsOfTheKernelThatMakeNoSenseAreAnError(t *testing.T) {
	good := slices.Concat(make([]byte, 16), []byte{24, 0, unix.DT_REG}, []byte("abcd\x00"))
	if e, rest, err := nextDirent(good); err != nil || string(e.name) != "abcd" || e.kind != unix.DT_REG ||
		len(rest) != 0 {
		t.Errorf("%+v, %d bytes left, %v", e, len(rest), err)
	}
	for name, b := range map[string][]byte{
		"too short": good[:10], "of no length": slices.Concat(make([]byte, 16), []byte{0, 0, 8, 'a', 0}),
		"longer than what was read":     good[:22],
		"with a name that does not end": slices.Concat(make([]byte, 16), []byte{24, 0, unix.DT_REG}, []byte("abcde")),
	} {
		if _, _, err := nextDirent(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
