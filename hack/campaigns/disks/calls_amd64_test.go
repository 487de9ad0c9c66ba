package disks

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// injection is what happens to the call number At of a kind: to that one, or from then on to each.
type injection struct {
	kind    string // of calls; empty: of any kind
	at      int    // from 1; 0: nothing happens
	forever bool
	how     string
}

func (i injection) String() string {
	kind, often := i.kind, "once"
	if kind == "" {
		kind = "any call"
	}
	if i.forever {
		often = "for ever"
	}
	return fmt.Sprintf("%s %d %s: %s", kind, i.at, often, i.how)
}

// errnos are the errors of a failing call.
var errnos = map[string]syscall.Errno{
	"EIO": unix.EIO, "ESTALE": unix.ESTALE, "EACCES": unix.EACCES, "ENOENT": unix.ENOENT, "EPERM": unix.EPERM,
}

// answer is the answer to a call that the injection hits.
func (i injection) answer(q question) answer {
	switch i.how {
	case "nothing":
		return answer{}
	case "short":
		return q.short()
	}
	return failed(errnos[i.how])
}

// injected is a run below whose folder an injection happens. Counted are its calls there, by kind.
func injected(t *testing.T, o jobspec.Options, folder string, i injection) (r report.Result, counted map[string]int) {
	t.Helper()
	counted = map[string]int{}
	total := 0
	decide := func(q question) answer {
		if path := q.path(); path != folder && !strings.HasPrefix(path, folder+"/") {
			return letThrough
		}
		name := calls[q.Nr].name
		counted[name]++
		total++
		n := counted[name]
		if i.kind == "" {
			n = total
		}
		hit := i.at > 0 && (i.kind == "" || i.kind == name) && (n == i.at || i.forever && n > i.at)
		if !hit || !applies(name, i.how) {
			return letThrough
		}
		return i.answer(q)
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	out, err := traced(append(os.Environ(), optionsOf+"="+string(text)), decide)
	if err != nil {
		t.Fatalf("%s: %v", i, err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%s: the run printed %q: %v", i, out, err)
	}
	return r, counted
}

// applies tells whether a call can be answered so.
func applies(name, how string) bool {
	reads := name == "getdents64" || name == "read" || name == "pread64"
	return reads || how != "short" && how != "nothing"
}
