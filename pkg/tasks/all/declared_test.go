package all

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
)

// Seen to fail for a task that is declared and not in the list, and for one in another place of it.
func TestTheListHasEveryDeclaredTask(t *testing.T) {
	var declared, listed []string
	for _, task := range jobspec.Tasks() {
		declared = append(declared, task.Name)
	}
	for _, task := range Tasks() {
		listed = append(listed, task.Name)
	}
	if diff := cmp.Diff(declared, listed); diff != "" {
		t.Errorf("the lists differ: add the - lines to Tasks in pkg/tasks/all/all.go, or the + lines to Tasks in "+
			"pkg/jobspec/tasks.go, in the same order:\n%s", diff)
	}
}

func TestATasksSectionIsOneThatADeclarationMayHave(t *testing.T) {
	for _, task := range Tasks() {
		if task.Section != "" && (library.Library{}).Has(task.Section) {
			t.Errorf("the empty library has %s", task.Section)
		}
	}
}
