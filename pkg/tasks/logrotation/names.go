package logrotation

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

// Endings of names.
const (
	logEnding    = ".log"
	packedEnding = ".gz"
	halfEnding   = ".tmp"
)

// version is what orders the generations of a log.
type version struct {
	stamp string
	n     int // tells rotations with one stamp apart
}

func (v version) String() string {
	if v.n == 0 {
		return v.stamp
	}
	return fmt.Sprintf("%s.%d", v.stamp, v.n)
}

func (v version) compare(o version) int {
	return cmp.Or(cmp.Compare(v.stamp, o.stamp), cmp.Compare(v.n, o.n))
}

// nextGeneration is a version after newest, which is the zero version where there is none.
func nextGeneration(now time.Time, newest version) version {
	if stamp := now.UTC().Format(stampFormat); stamp > newest.stamp {
		return version{stamp: stamp}
	}
	return version{newest.stamp, newest.n + 1}
}

// kind is what a file is to this task.
type kind int

const (
	foreign kind = iota
	live         // a log that is written
	plain        // a generation
	packed       // a compressed generation
	half         // a temporary file
	archive      // a file that another program made of a log, such as app.log.1 or app.log.gz
)

// generationName has the log, the stamp, the number, and the endings.
var generationName = regexp.MustCompile(`(?s)^(.+\.log)\.(\d{8}-\d{6})(?:\.([1-9]\d{0,8}))?(\.gz)?(\.tmp)?$`)

// archiveName captures the log.
var archiveName = regexp.MustCompile(`(?s)^(.+\.log)(?:\.\d{1,9})?(?:\.(?:gz|zip|bz2|xz|zst))?$`)

// parse says what a path is, of which log, and of which version.
func parse(path string) (k kind, log string, v version) {
	base := path[strings.LastIndex(path, "/")+1:]
	if strings.HasSuffix(base, logEnding) && base != logEnding {
		return live, path, version{}
	}
	part := generationName.FindStringSubmatch(base)
	if part == nil {
		return parseArchive(path, base)
	}
	v.stamp = part[2]
	v.n, _ = strconv.Atoi(part[3]) // empty: 0
	log = strings.TrimSuffix(path, base) + part[1]
	switch {
	case part[5] != "":
		return half, log, v
	case part[4] != "":
		return packed, log, v
	}
	return plain, log, v
}

// parseArchive says which log an archive belongs to. Archives are foreign unless the log belongs to a family, with
// which they are deleted.
func parseArchive(path, base string) (kind, string, version) {
	part := archiveName.FindStringSubmatch(base)
	if part == nil {
		return foreign, "", version{}
	}
	log := strings.TrimSuffix(path, base) + part[1]
	if _, _, ok := familyOf(log); !ok {
		return foreign, "", version{}
	}
	return archive, log, version{}
}
