package lock

import (
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func record(id string, mode Mode, expires time.Duration) Record {
	return Record{ID: id, Mode: mode, Run: "run-" + id, ExpiresAt: now.Add(expires)}
}

func TestBlocking(t *testing.T) {
	for name, c := range map[string]struct {
		mode    Mode
		records []Record
		by      string // the id of the record that blocks; empty: none
	}{
		"nobody is there":                 {Write, nil, ""},
		"one's own record does not block": {Write, []Record{record("own", Write, TTL)}, ""},
		"a writer blocks a writer": {Write, []Record{record("own", Write, TTL), record("a", Write, TTL)},
			"a"},
		"a writer blocks a reader":                  {Read, []Record{record("a", Write, TTL)}, "a"},
		"a reader blocks a writer":                  {Write, []Record{record("a", Read, TTL)}, "a"},
		"readers do not block each other":           {Read, []Record{record("a", Read, TTL), record("b", Read, TTL)}, ""},
		"a writer among readers blocks a reader":    {Read, []Record{record("a", Read, TTL), record("b", Write, TTL)}, "b"},
		"what has expired does not block":           {Write, []Record{record("a", Write, -time.Second)}, ""},
		"what expires this moment does not block":   {Write, []Record{record("a", Write, 0)}, ""},
		"what expires in a moment blocks still":     {Write, []Record{record("a", Write, time.Nanosecond)}, "a"},
		"an expired one does not hide a living one": {Write, []Record{record("a", Write, -TTL), record("b", Read, TTL)}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			by := Request{Mode: c.mode}.Blocking(c.records, "own", now)
			if by == nil && c.by != "" || by != nil && by.ID != c.by {
				t.Errorf("got %+v, want %q", by, c.by)
			}
		})
	}
}

// A pod that was killed leaves its lock for a minute; the next pod of the same run must not wait for it. Seen to fail
// as Skipped.
func TestARunsOwnLockIsItsOwn(t *testing.T) {
	request := Request{Mode: Write, Run: "run-1", Task: "counts"}
	left, other, another := record("1", Write, TTL), record("1", Write, TTL), record("2", Write, TTL)
	left.Task, other.Task, another.Task = "counts", "another task", "counts"
	for name, c := range map[string]struct {
		record Record
		blocks bool
	}{
		"of the same run":                       {left, false},
		"of a run of that name of another task": {other, true},
		"of another run":                        {another, true},
	} {
		if by := request.Blocking([]Record{c.record}, "", now); (by != nil) != c.blocks {
			t.Errorf("a lock %s blocks: %v", name, by != nil)
		}
		if removed := request.Left([]Record{c.record}, ""); (len(removed) == 0) != c.blocks {
			t.Errorf("of a lock %s %d are removed", name, len(removed))
		}
	}
	if removed := request.Left([]Record{left}, left.ID); len(removed) != 0 {
		t.Error("a run removes the lock that it has just taken")
	}
}

func TestOfTwoWritersWhoSawTheSameOnlyOneCanInsert(t *testing.T) {
	seen := []Record{{ID: "s/write/7", Generation: 7, Mode: Write, ExpiresAt: now}}
	a, b := Request{Scope: "s", Mode: Write, Run: "a"}.Next(seen, "1", now), Request{Scope: "s", Mode: Write,
		Run: "b"}.Next(seen, "2", now)
	if a.ID != b.ID || a.ID == seen[0].ID {
		t.Errorf("ids %q and %q, after %q", a.ID, b.ID, seen[0].ID)
	}
	if a.Nonce == b.Nonce || !a.ExpiresAt.Equal(now.Add(TTL)) {
		t.Errorf("records %+v and %+v", a, b)
	}
	c, d := Request{Scope: "s", Mode: Read, Run: "a"}.Next(seen, "1", now), Request{Scope: "s", Mode: Read,
		Run: "a"}.Next(seen, "2", now)
	if c.ID == d.ID || c.Generation != 7 {
		t.Errorf("two readers have the ids %q and %q", c.ID, d.ID)
	}
}

func TestHeldErrorSaysWhoAndUntilWhen(t *testing.T) {
	err := &HeldError{By: Record{Scope: DatabaseScope("ucorefs"), Run: "counts-1", Task: "rebuild-all-counts",
		Host: "pod-1", TakenAt: now, ExpiresAt: now.Add(TTL)}}
	for _, says := range []string{"database ucorefs", "run counts-1", "rebuild-all-counts on pod-1",
		"since 2026-11-23T12:00:00Z", "by 2026-11-23T12:01:00Z if it was killed"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q does not say %q", err, says)
		}
	}
}
