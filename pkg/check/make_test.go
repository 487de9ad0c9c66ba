package check

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

func ucorefs(t *testing.T) library.Library {
	t.Helper()
	l, ok := library.Named(library.UCoreFSName)
	if !ok {
		t.Fatal("there is no library ucorefs")
	}
	return l
}

var two = []jobspec.Task{
	jobspec.Declared(jobspec.VerifyReferences), jobspec.Declared(jobspec.CleanupOldRecords),
}

func TestATaskThatLacksARightIsNamed(t *testing.T) {
	readOnly := admin.Rights{Database: "films", Privileges: []admin.Privilege{
		{Resource: admin.Resource{Database: "films"}, Actions: []string{"find"}},
		{Resource: admin.Resource{Database: "films", Collection: "maintenance_locks"}, Actions: []string{"insert", "update",
			"remove"}},
		{Resource: admin.Resource{Database: "other"}, Actions: []string{"insert", "update", "remove"}},
	}}
	r := Make(Facts{Database: "films", Library: ucorefs(t), Existing: []string{"tags"}, Rights: readOnly, Tasks: two})
	if !r.Tasks[0].Works || r.Tasks[1].Works || r.Ready {
		t.Errorf("%+v", r)
	}
	lacks := strings.Join(r.Tasks[1].Lacks, "\n")
	for _, right := range []string{`the right "insert" on films.maintenance_journal`, `the right "remove" on films.tags`} {
		if !strings.Contains(lacks, right) {
			t.Errorf("it does not name %s: %s", right, lacks)
		}
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "grant readWrite on the database films") {
		t.Errorf("problems: %q", r.Problems)
	}
}

func TestRightsThatAreNotKnownLackNothing(t *testing.T) {
	r := Make(Facts{Database: "films", Library: ucorefs(t), Existing: []string{"tags"}, Tasks: two})
	if !r.Ready || !r.Tasks[0].Works || !r.Tasks[1].Works {
		t.Errorf("%+v", r)
	}
}
