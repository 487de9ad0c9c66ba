package roots

import (
	"math"
	"slices"
)

// failures are the folders that could not be listed, each with the reason: 9 bytes, and those of a map.
type failures struct {
	folders hashes // in the order in which they failed
	because []byte // of each, its reason's place in reasons
	reasons []string
	at      map[uint64]int // the place in folders
}

func (f *failures) add(folder uint64, reason string) {
	i := slices.Index(f.reasons, reason)
	switch {
	case i < 0 && len(f.reasons) <= math.MaxUint8:
		i, f.reasons = len(f.reasons), append(f.reasons, reason)
	case i < 0:
		i = math.MaxUint8 // there are fewer errors in any system
	}
	f.put(folder, byte(i))
}

func (f *failures) put(folder uint64, because byte) {
	if f.at == nil {
		f.at = map[uint64]int{}
	}
	if _, known := f.at[folder]; known {
		return
	}
	f.at[folder] = len(f.folders)
	f.folders, f.because = append(f.folders, folder), append(f.because, because)
}

// why is the reason of a folder; empty where it did not fail.
func (f *failures) why(folder uint64) string {
	i, failed := f.at[folder]
	if !failed {
		return ""
	}
	return f.reasons[f.because[i]]
}
