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
	if limit := 64 << 10; len(crd) > limit {
		t.Errorf("the CRD has %d bytes, more than %d", len(crd), limit)
	}
}

// The CRD's rules repeat the task names, since CEL cannot call jobspec; here the two are held together.
func TestCRDAcceptsEveryTaskNameAndAlias(t *testing.T) {
	crd, err := os.ReadFile(crdFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range jobspec.Tasks() {
		for _, name := range append([]string{task.Name}, task.Aliases...) {
			if !strings.Contains(string(crd), "'"+name+"'") && !strings.Contains(string(crd), "''"+name+"''") {
				t.Errorf("the rule of spec.task does not list %q", name)
			}
		}
	}
}
