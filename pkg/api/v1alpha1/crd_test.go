package v1alpha1

import (
	"os"
	"regexp"
	"slices"
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

// A task's parameters go with each of its names: a rule of the spec that lists some of them only would refuse the others' parameters.
func TestCRDTakesATasksParametersUnderEachOfItsNames(t *testing.T) {
	types, err := os.ReadFile("spec_types.go")
	if err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile(`XValidation:rule="!has\(.+\) \|\| self.task in \[(.+)\]",message="\w+ holds parameters of the task ([a-z-]+):`)
	found := rules.FindAllStringSubmatch(string(types), -1)
	if len(found) < 6 {
		t.Fatalf("%d rules were found", len(found))
	}
	for _, rule := range found {
		task, err := jobspec.TaskByName(rule[2])
		if err != nil {
			t.Fatal(err)
		}
		names := []string{task.Name}
		for _, alias := range task.Aliases {
			names = append(names, alias, "maintenance_"+alias)
		}
		got := strings.Split(strings.ReplaceAll(rule[1], "'", ""), ",")
		slices.Sort(got)
		slices.Sort(names)
		if !slices.Equal(got, names) {
			t.Errorf("the rule of %s lists %v, want %v", task.Name, got, names)
		}
	}
}
