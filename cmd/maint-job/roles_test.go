package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

var updateRoles = flag.Bool("update-roles", false, "write docs/roles.md from the commands that the tasks send")

// resource and privilege are what createRole wants.
type (
	resource struct {
		DB         string `json:"db"`
		Collection string `json:"collection"`
	}
	privilege struct {
		Resource resource `json:"resource"`
		Actions  []string `json:"actions"`
	}
)

// documentedDatabase is the database in the documentation.
const documentedDatabase = "ucorefs"

// rarely are the actions that a short run on a small library has no need of: by the task, or in "" for all of them.
var rarely = map[string]map[string][]string{
	"":                                    {"maintenance_locks": {"update"}},                           // a lock is renewed every quarter of a minute
	jobspec.BackgroundCountVerification:   {"maintenance_checkpoints": {"insert", "update", "remove"}}, // its budget may run out
	jobspec.RebuildAllCounts:              {"maintenance_checkpoints": {"insert", "update", "remove"}}, // --parallelism
	jobspec.VerifyReferences:              {"maintenance_checkpoints": {"insert", "update", "remove"}},
	jobspec.ReprocessIncompleteEmbeddings: {"maintenance_checkpoints": {"insert", "update", "remove"}},
	jobspec.CleanupOrphanedFileRecords: {
		"maintenance_missing":     {"insert", "update", "remove"}, // a grace period
		"maintenance_checkpoints": {"insert", "update", "remove"}, // a listing that takes more than ten seconds
	},
	jobspec.DatabaseOptimization: {"": {"compact"}}, // collections with much free space
}

// Each task gets along with the role that docs/roles.md has for it, on both layouts, and needs all of it. The server
// refuses whatever the role does not hold. Seen to fail without the action remove on maintenance_locks.
func TestTheRoleOfEachTaskIsWhatItNeeds(t *testing.T) {
	path := filepath.Join(tooltest.Root(), "docs", "roles.md")
	needed := map[string][]privilege{}
	for _, task := range databaseTasks(t) {
		needed[task] = privilegesOf(t, func(s *strict) {
			s.task(t, task, "--dry-run")
			s.task(t, task)
			s.task(t, task)
		}, func(*strict) {}, rarely[task])
	}
	needed[jobspec.Restore] = privilegesOf(t, func(s *strict) { s.restoreAll(t) }, func(s *strict) { s.runAll(t) }, nil)
	if *updateRoles {
		writeRoles(t, path, needed)
	}
	documented := readRoles(t, path)
	if diff := cmp.Diff(needed, documented); diff != "" {
		t.Errorf("the roles are not those in docs/roles.md; go test ./cmd/maint-job -run Role -update-roles writes them "+
			"(-needed +documented):\n%s", diff)
	}
	for task, role := range documented {
		t.Run(task, func(t *testing.T) {
			if task == jobspec.Restore {
				restores(t, role)
				return
			}
			getsAlong(t, task, role)
		})
	}
}

// runAll runs every task once, each under its own name.
func (s *strict) runAll(t *testing.T) {
	t.Helper()
	for _, task := range databaseTasks(t) {
		s.task(t, task, "--run-id="+task)
	}
}

// restoreAll undoes what runAll did, latest first, and says how each ended.
func (s *strict) restoreAll(t *testing.T) (all []ended) {
	t.Helper()
	for _, task := range slices.Backward(databaseTasks(t)) {
		s.job(t, "restore", "--run="+task, "--dry-run")
		r := s.job(t, "restore", "--run="+task, "--output=json")
		all = append(all, ended{code: r.code, counts: r.result(t).Counts})
	}
	return all
}

// restores undoes every task's run as a user of a role, and compares with one who may do anything.
func restores(t *testing.T, role []privilege) {
	disk := t.TempDir()
	all := onStrictWith(t, strictmongo.Options{}, librarytest.UCoreFS, disk)
	all.runAll(t)
	want := all.restoreAll(t)
	some := onStrictWith(t, strictmongo.Options{}, librarytest.UCoreFS, disk)
	some.runAll(t)
	some.as(t, role)
	if diff := cmp.Diff(want, some.restoreAll(t), cmp.AllowUnexported(ended{})); diff != "" {
		t.Errorf("it ended otherwise (-undisturbed +got):\n%s", diff)
	}
	some.leftAs(t, all, jobspec.ReprocessIncompleteEmbeddings) // whose queue a restore leaves alone
}

// as makes the program a user of a role from now on.
func (s *strict) as(t *testing.T, role []privilege) {
	t.Helper()
	var privileges []strictmongo.Privilege
	for _, p := range role {
		privileges = append(privileges, strictmongo.Privilege{Database: s.library.Name, Collection: p.Resource.Collection,
			Actions: p.Actions})
	}
	s.uri = s.URIOf(t, privileges) + s.library.Name
}

// getsAlong runs a task as a user of a role, and compares with one who may do anything.
func getsAlong(t *testing.T, task string, role []privilege) {
	disk := t.TempDir()
	all := onStrictWith(t, strictmongo.Options{}, librarytest.UCoreFS, disk)
	all.ended = all.run(t, task)
	some := onStrictWith(t, strictmongo.Options{}, librarytest.UCoreFS, disk)
	some.as(t, role)
	some.endsAs(t, all, task)
}

// A role of an earlier release had no rights on the journal for a task that takes nothing. Seen to fail, with runs that
// ended as Failed, when such a run could not do without.
func TestARunMayLackTheRightsOnTheJournal(t *testing.T) {
	s := onStrict(t, strictmongo.Options{}, librarytest.UCoreFS)
	role := slices.DeleteFunc(readRoles(t, filepath.Join(tooltest.Root(), "docs", "roles.md"))[jobspec.RebuildAllCounts],
		func(p privilege) bool { return p.Resource.Collection == "maintenance_journal" })
	s.as(t, role)
	r := s.task(t, jobspec.RebuildAllCounts)
	r.want(t, jobspec.ExitOK)
	warns := func(w string) bool {
		return strings.Contains(w, "docs/roles.md has the rights that rebuild-all-counts needs")
	}
	if got := r.result(t); got.Counts["filesScanned"] == 0 || !slices.ContainsFunc(got.Warnings, warns) {
		t.Errorf("got %s", r.out)
	}
}

// privilegesOf are those of the commands that work sends, after what comes before: in the library's collections as a
// whole, and in each of maintenance's own.
func privilegesOf(t *testing.T, work, before func(*strict), rare map[string][]string) (list []privilege) {
	t.Helper()
	actions := map[string]map[string]bool{}
	var mu sync.Mutex
	for _, layout := range []librarytest.Layout{librarytest.UCoreFS, librarytest.Web} {
		s := onStrict(t, strictmongo.Options{}, layout)
		before(s)
		s.Watch(func(c strictmongo.Command) *strictmongo.Fault {
			mu.Lock()
			defer mu.Unlock()
			if !product(c) {
				return nil
			}
			for _, p := range c.Needs() {
				collection := strings.TrimSuffix(place(p.Collection), " ")
				allow(actions, collection, p.Actions)
			}
			return nil
		})
		work(s)
	}
	for _, more := range []map[string][]string{rarely[""], rare} {
		for collection, list := range more {
			allow(actions, collection, list)
		}
	}
	for _, collection := range slices.Sorted(maps.Keys(actions)) {
		own := slices.Sorted(maps.Keys(actions[collection]))
		own = slices.DeleteFunc(own, func(action string) bool { return collection != "" && actions[""][action] }) // it may do that everywhere
		if len(own) > 0 {
			list = append(list, privilege{resource{documentedDatabase, collection}, own})
		}
	}
	return list
}

// place is a collection of maintenance's own, or empty: all of the database.
func place(collection string) string {
	if strings.HasPrefix(collection, "maintenance_") {
		return collection
	}
	return ""
}

func allow(actions map[string]map[string]bool, collection string, list []string) {
	if actions[collection] == nil {
		actions[collection] = map[string]bool{}
	}
	for _, action := range list {
		actions[collection][action] = true
	}
}

const rolesIntro = `# Roles

The least rights in MongoDB for each task and for ` + "`restore`" + `, each as a command for ` + "`mongosh`" + `. Replace
` + "`" + documentedDatabase + "`" + ` by the name of your database, and give the user the roles of the tasks that it runs. A test
runs every task with exactly these rights; it also writes this page. Optional: the probe for other clients' activity
needs the action serverStatus on the cluster.

` + "`maint-job check`" + ` compares the user's rights with what the tasks need.
`

func writeRoles(t *testing.T, path string, roles map[string][]privilege) {
	t.Helper()
	text := rolesIntro
	for _, task := range slices.Sorted(maps.Keys(roles)) {
		var lines []string
		for _, p := range roles[task] {
			line, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, "  "+string(line))
		}
		text += fmt.Sprintf("\n## %s\n\n```text\ndb.getSiblingDB(\"admin\").createRole({role: \"maintenance-%s\", roles: "+
			"[], privileges: [\n%s\n]})\n```\n", task, task,
			strings.Join(lines, ",\n"))
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readRoles reads the roles back from the page.
func readRoles(t *testing.T, path string) map[string][]privilege {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string][]privilege{}
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		task, rest, _ := strings.Cut(section, "\n")
		_, list, _ := strings.Cut(rest, "privileges: ")
		list, _, _ = strings.Cut(list, "})")
		var role []privilege
		if err := json.Unmarshal([]byte(list), &role); err != nil {
			t.Errorf("%s: the privileges of %s are no JSON: %v", path, task, err)
		}
		roles[task] = role
	}
	if len(roles) != len(jobspec.Tasks())-2+1 { // cache-cleanup and log-rotation need no database; restore is no task
		t.Errorf("%s has %d roles", path, len(roles))
	}
	return roles
}
