package v1alpha1

import (
	"os"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
)

const crdFile = "../../../config/crd/maintenance.ucorefs.io_maintenanceschedules.yaml"

func TestCRDStaysSmallEnoughForClientSideApply(t *testing.T) {
	crd, err := os.ReadFile(crdFile)
	if err != nil {
		t.Fatal(err)
	}
	// The limit of the annotation that client-side apply writes is 256 KiB; a reader has one, too.
	if limit := 80 << 10; len(crd) > limit {
		t.Errorf("the CRD has %d bytes, more than %d", len(crd), limit)
	}
}

// The resource's types and the CRD are generated from the declarations; here it is seen that somebody did so.
func TestTheCRDHasWhatTheTasksDeclare(t *testing.T) {
	crd, err := os.ReadFile(crdFile)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(crd), "''", "'")), " ")
	says := func(what, words string) {
		if !strings.Contains(text, words) {
			t.Errorf("the CRD lacks %s, %q: run make generate", what, words)
		}
	}
	for _, task := range jobspec.Tasks() {
		says("the task", task.Name+" ("+task.Summary+")")
		for _, name := range append([]string{task.Name}, task.Aliases...) {
			says("the name", "'"+name+"'")
		}
		if len(task.Parameters) > 0 {
			says("the rule of "+task.Member(), "!has(self."+task.Member()+") || self.task in ['"+strings.Join(task.Names(), "','")+"']")
		}
		for _, p := range task.Parameters {
			says("the field", p.Field+": ")
			says("the default of "+p.Field, p.Quantity())
		}
	}
}
