// Package logname reads the names of log files: which file is a log, which a generation that log-rotation made of one,
// and which logs one program started one after another. It knows names only, and opens nothing.
package logname

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// stampFormat is the time in a generation's name, in UTC.
const stampFormat = "20060102-150405"

const logEnding = ".log"

// TemporaryEnding is that of a file that is still being written.
const TemporaryEnding = ".tmp"

// Version is what orders the generations of a log.
type Version struct {
	Stamp string // a time in UTC, as 20060102-150405
	N     int    // tells rotations with one stamp apart
}

// String is what stands in a generation's name.
func (v Version) String() string {
	if v.N == 0 {
		return v.Stamp
	}
	return fmt.Sprintf("%s.%d", v.Stamp, v.N)
}

// Compare is negative where v is older than o.
func (v Version) Compare(o Version) int {
	return cmp.Or(cmp.Compare(v.Stamp, o.Stamp), cmp.Compare(v.N, o.N))
}

// Next is a version after newest, which is the zero Version where there is none.
func Next(now time.Time, newest Version) Version {
	if stamp := now.UTC().Format(stampFormat); stamp > newest.Stamp {
		return Version{Stamp: stamp}
	}
	return Version{newest.Stamp, newest.N + 1}
}

// Kind is what a file is.
type Kind int

// The kinds of files. Archives are files that another program made of a log of a family, such as app_2026-01-31.log.1
// or app_2026-01-31.log.gz.
const (
	Foreign    Kind = iota // none of those below
	Live                   // a log that is written
	Generation             // a rotated log
	Packed                 // a compressed generation
	Temporary              // a file that a killed run left
	Archive
)

// generationName has the log, the stamp, the number, and the endings.
var generationName = regexp.MustCompile(`(?s)^(.+\.log)\.(\d{8}-\d{6})(?:\.([1-9]\d{0,8}))?(\.gz|\.zst)?(\.tmp)?$`)

// archiveName captures the log.
var archiveName = regexp.MustCompile(`(?s)^(.+\.log)(?:\.\d{1,9})?(?:\.(?:gz|zip|bz2|xz|zst))?$`)

// Parse says what a path is, of which log, and of which version.
func Parse(path string) (k Kind, log string, v Version) {
	base := path[strings.LastIndex(path, "/")+1:]
	if strings.HasSuffix(base, logEnding) && base != logEnding {
		return Live, path, Version{}
	}
	part := generationName.FindStringSubmatch(base)
	if part == nil {
		return parseArchive(path, base)
	}
	v.Stamp = part[2]
	v.N, _ = strconv.Atoi(part[3]) // empty: 0
	log = strings.TrimSuffix(path, base) + part[1]
	switch {
	case part[5] != "":
		return Temporary, log, v
	case part[4] != "":
		return Packed, log, v
	}
	return Generation, log, v
}

// parseArchive says which log an archive belongs to. Archives are foreign unless the log belongs to a family, with
// which they are deleted.
func parseArchive(path, base string) (Kind, string, Version) {
	part := archiveName.FindStringSubmatch(base)
	if part == nil {
		return Foreign, "", Version{}
	}
	log := strings.TrimSuffix(path, base) + part[1]
	if _, _, ok := FamilyOf(log); !ok {
		return Foreign, "", Version{}
	}
	return Archive, log, Version{}
}
