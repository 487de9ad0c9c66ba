package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// builtInRoles are the actions of MongoDB's own roles in the collections of their database, without those that concern
// no task. https://www.mongodb.com/docs/manual/reference/built-in-roles/
var builtInRoles = map[string][]string{
	"readWrite": {"collStats", "createCollection", "createIndex", "dbStats", "find", "insert", "listCollections",
		"listIndexes", "remove", "update"},
	"dbAdmin": {"collMod", "collStats", "compact", "createCollection", "createIndex", "dbStats", "listCollections",
		"listIndexes", "validate"},
	"clusterMonitor": nil, // actions on the cluster
}

var grantedRole = regexp.MustCompile(`\{role: "(\w+)", db: "(\w+)"\}`)

// The user that docs/rbac.md creates may do what each task, and restore, needs. Seen to fail without dbAdmin.
func TestTheUserThatIsDocumentedMayRunEveryTask(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(tooltest.Root(), "docs", "rbac.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, command, _ := strings.Cut(string(page), ".createUser(")
	command, _, _ = strings.Cut(command, "})")
	var actions []string
	for _, role := range grantedRole.FindAllStringSubmatch(command, -1) {
		granted, known := builtInRoles[role[1]]
		if !known {
			t.Errorf("MongoDB has no role %s that this test knows", role[1])
		}
		if role[2] == documentedDatabase {
			actions = append(actions, granted...)
		}
	}
	for task, needed := range readRoles(t, filepath.Join(tooltest.Root(), "docs", "roles.md")) {
		for _, p := range needed {
			for _, action := range p.Actions {
				if !slices.Contains(actions, action) {
					t.Errorf("%s needs %s in the collection %q, and the user may not", task, action, p.Resource.Collection)
				}
			}
		}
	}
}
