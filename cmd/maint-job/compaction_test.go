package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// compacted is a library on a replica set of three members, of which each has room to return in file_records and in
// tags, and what compact commands each was sent: the number of the member, the collection, and whether by force.
type compacted struct {
	*strict
	mu   sync.Mutex
	sent []string
}

func newCompacted(t *testing.T, o strictmongo.Options) *compacted {
	t.Helper()
	o.Form, o.Members = strictmongo.ReplicaSet, 3
	c := &compacted{strict: onStrict(t, o, librarytest.UCoreFS)}
	for _, member := range c.Members() {
		c.SetFree(member, c.library.Name, "file_records", 200<<20)
		c.SetFree(member, c.library.Name, "tags", 100<<20)
	}
	return c
}

// watch notes what is compacted, and calls before with each command first.
func (c *compacted) watch(before func(n int)) {
	members := c.Members()
	c.Watch(func(command strictmongo.Command) *strictmongo.Fault {
		if command.Name == "compact" && command.Body.Lookup("dryRun").Type == 0 {
			c.mu.Lock()
			defer c.mu.Unlock()
			force, _ := command.Body.Lookup("force").BooleanOK()
			before(len(c.sent))
			c.sent = append(c.sent, fmt.Sprint(slices.Index(members, command.Address), " ", command.Collection, " ", force))
		}
		return nil
	})
}

// Compact is not replicated: each member is compacted on its own, one after the other, the secondaries first, and the
// primary only where that is allowed. Seen to fail with nothing compacted but the primary.
func TestEachMemberOfAReplicaSetIsCompacted(t *testing.T) {
	secondaries := []string{"1 file_records false", "1 tags false", "2 file_records false", "2 tags false"}
	for name, c := range map[string]struct {
		version string
		args    []string
		sent    []string
		says    string
	}{
		"the secondaries": {"", nil, secondaries, "holds up the clients"},
		"the primary as well": {"", []string{"--compact-primary"}, append(secondaries, "0 file_records true",
			"0 tags true"), ""},
		"asked by the command itself":  {"8.0.4", nil, secondaries, "holds up the clients"},
		"nothing, below the threshold": {"", []string{"--compact-threshold-mb=300"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCompacted(t, strictmongo.Options{Version: c.version})
			s.watch(func(int) {})
			dry := s.task(t, jobspec.DatabaseOptimization, append(c.args, "--dry-run")...).result(t)
			r := s.task(t, jobspec.DatabaseOptimization, c.args...)
			r.want(t, jobspec.ExitOK)
			sortByMember(s.sent)
			got, want := r.result(t), slices.Clone(c.sent)
			if !slices.Equal(s.sent, want) {
				t.Errorf("compacted %q, want %q", s.sent, want)
			}
			if n := got.Counts["collectionsCompacted"]; n != int64(len(want)) || got.Counts["bytesFreed"] != n/2*(300<<20) ||
				dry.Counts["bytesFreed"] != got.Counts["bytesFreed"] {
				t.Errorf("planned %v, done %v", dry.Counts, got.Counts)
			}
			if text := strings.Join(got.Warnings, "\n"); !strings.Contains(text, c.says) {
				t.Errorf("the warnings are %q", text)
			}
			if member := s.Members()[1] + ": 2 collections (300.0 MiB)"; (c.sent != nil) != strings.Contains(got.Message,
				member) {
				t.Errorf("the message is %q", got.Message)
			}
		})
	}
}

// sortByMember puts the collections of each member in order, and leaves the members in theirs.
func sortByMember(sent []string) {
	for from := 0; from < len(sent); {
		n := from
		for n < len(sent) && sent[n][0] == sent[from][0] {
			n++
		}
		slices.Sort(sent[from:n])
		from = n
	}
}

// A member that is away, or becomes the primary, is named; the others are compacted. Seen to fail as an unreachable
// database, and with a primary that was compacted by force.
func TestAMemberThatIsAwayOrBecomesThePrimaryIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*testing.T, *compacted)
		at     func(*compacted, int)
		sent   []string
		says   string
	}{
		"a member is away": {
			func(t *testing.T, s *compacted) { s.Stop(t, 1) }, func(*compacted, int) {},
			[]string{"2 file_records false", "2 tags false"},
			"no collection was compacted on MEMBER1: no MongoDB server answered",
		},
		"a member becomes the primary": {
			func(*testing.T, *compacted) {}, func(s *compacted, n int) {
				if n == 1 {
					s.Elect(2)
				}
			},
			[]string{"1 file_records false", "1 tags false"}, "MEMBER2 was not compacted: it has become the primary",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCompacted(t, strictmongo.Options{})
			c.before(t, s)
			s.watch(func(n int) { c.at(s, n) })
			r := s.task(t, jobspec.DatabaseOptimization)
			r.want(t, jobspec.ExitOK)
			sortByMember(s.sent)
			if !slices.Equal(s.sent, c.sent) {
				t.Errorf("compacted %q, want %q", s.sent, c.sent)
			}
			says := c.says
			for i, member := range s.Members() {
				says = strings.ReplaceAll(says, fmt.Sprint("MEMBER", i), member)
			}
			if text := strings.Join(r.result(t).Warnings, "\n"); !strings.Contains(text, says) {
				t.Errorf("the warnings are %q, want %q", text, says)
			}
		})
	}
}
