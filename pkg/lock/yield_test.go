package lock

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

func asking(id string, mode Mode, expires time.Duration) Record {
	r := record(id, mode, expires)
	r.Waiting = true
	return r
}

func yielding(id string, mode Mode) Record {
	r := record(id, mode, TTL)
	r.Yields = true
	return r
}

// What docs/scheduling.md says about the time that a High run gives and a holder takes.
func TestTheDocumentsSayHowLongARunThatAsksWaits(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(tooltest.Root(), "docs", "scheduling.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, sentence := range []string{
		fmt.Sprintf("A run checks every %.0f s whether a High run asks it to pause", LookEvery.Seconds()),
		fmt.Sprintf("The High run waits %.0f s for that.", YieldWithin.Seconds()),
	} {
		if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), sentence) {
			t.Errorf("docs/scheduling.md does not say %q", sentence)
		}
	}
}

func TestWhoIsInTheWayOfARunThatAsks(t *testing.T) {
	for name, c := range map[string]struct {
		request Request
		records []Record
		by      string // the id of the record that blocks; empty: none
	}{
		"one who yields blocks still": {Request{Mode: Write, Asks: true},
			[]Record{yielding("a", Write)}, "a"},
		"one who does not yield is named first": {Request{Mode: Write, Asks: true}, []Record{yielding("a", Read),
			record("b", Read, TTL), yielding("c", Read)}, "b"},
		"two who ask do not block each other": {Request{Mode: Write, Asks: true},
			[]Record{asking("a", Write, TTL)}, ""},
		"who asks keeps out whoever does not": {Request{Mode: Write, Yields: true},
			[]Record{asking("a", Write, TTL)}, "a"},
		"a reader who asks does not keep out other readers": {Request{Mode: Read, Yields: true},
			[]Record{asking("a", Read, TTL)}, ""},
		"who asked and was killed is in nobody's way": {Request{Mode: Write, Yields: true}, []Record{asking("a", Write, 0)},
			""},
	} {
		t.Run(name, func(t *testing.T) {
			by := c.request.Blocking(c.records, "own", now)
			if by == nil && c.by != "" || by != nil && by.ID != c.by {
				t.Errorf("got %+v, want %q", by, c.by)
			}
		})
	}
}

func TestAsking(t *testing.T) {
	for name, c := range map[string]struct {
		own     Record
		records []Record
		by      string
	}{
		"nobody asks": {yielding("own", Write), []Record{yielding("own", Write),
			record("a", Read, TTL)}, ""},
		"a writer is asked by a reader": {yielding("own", Write), []Record{yielding("own", Write),
			asking("a", Read, TTL)}, "a"},
		"a reader is asked by a writer":         {yielding("own", Read), []Record{asking("a", Write, TTL)}, "a"},
		"a reader need not go for a reader":     {yielding("own", Read), []Record{asking("a", Read, TTL)}, ""},
		"the wish of one who was killed is old": {yielding("own", Write), []Record{asking("a", Write, 0)}, ""},
		"who does not yield does not look":      {record("own", Write, TTL), []Record{asking("a", Write, TTL)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			by := c.own.Asking(c.records, now)
			if by == nil && c.by != "" || by != nil && by.ID != c.by {
				t.Errorf("got %+v, want %q", by, c.by)
			}
		})
	}
}

func TestAWishSaysWhoseItIsAndEndsByItself(t *testing.T) {
	wish := Request{Scope: DatabaseScope("ucorefs"), Mode: Write, Run: "counts-1", Task: "rebuild-all-counts",
		Host: "pod-1", Asks: true}.Wait("n", now)
	if !wish.Waiting || wish.Yields || !wish.ExpiresAt.Equal(now.Add(YieldWithin)) {
		t.Errorf("got %+v", wish)
	}
	for _, says := range []string{"run counts-1 (rebuild-all-counts on pod-1)", "priority high", "database ucorefs",
		"at 2026-11-23T12:00:00Z"} {
		if err := (&YieldError{To: wish}); !strings.Contains(err.Error(), says) {
			t.Errorf("%q does not say %q", err, says)
		}
	}
	held := &HeldError{By: wish, Asked: true}
	for _, says := range []string{"promised to run counts-1", "did not within 1m30s"} {
		if !strings.Contains(held.Error(), says) {
			t.Errorf("%q does not say %q", held, says)
		}
	}
}
