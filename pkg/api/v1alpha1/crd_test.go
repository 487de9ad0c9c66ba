package v1alpha1

import (
	"os"
	"slices"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

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

// Words say what is wrong with a quantity, and not its pattern. Seen to fail for the pattern that controller-gen
// writes.
func TestEachQuantityIsJudgedInWords(t *testing.T) {
	content, err := os.ReadFile(crdFile)
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(content, &crd); err != nil {
		t.Fatal(err)
	}
	if n := judged(t, "", *crd.Spec.Versions[0].Schema.OpenAPIV3Schema, nil); n < 6 {
		t.Errorf("the CRD has %d quantities", n)
	}
}

// judged counts the quantities in a part of the schema. Above are the rules of the map that holds the part.
func judged(t *testing.T, path string, part apiextensions.JSONSchemaProps,
	above apiextensions.ValidationRules) (n int) {
	if part.XIntOrString {
		said := slices.ContainsFunc(slices.Concat(part.XValidations, above), func(rule apiextensions.ValidationRule) bool {
			return strings.Contains(rule.Rule, "isQuantity") && !strings.HasPrefix(rule.Rule, "!")
		})
		if part.Pattern != "" || !said {
			t.Errorf("%s has the pattern %q and the rules %v", path, part.Pattern, part.XValidations)
		}
		n++
	}
	for name, member := range part.Properties {
		n += judged(t, path+"."+name, member, nil)
	}
	if part.Items != nil {
		n += judged(t, path+"[]", *part.Items.Schema, nil)
	}
	if part.AdditionalProperties != nil {
		n += judged(t, path+".*", *part.AdditionalProperties.Schema, part.XValidations)
	}
	return n
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
			says("the rule of "+task.Member(), "!has(self."+task.Member()+") || self.task in ['"+strings.Join(task.Names(),
				"','")+"']")
		}
		for _, p := range task.Parameters {
			says("the field", p.Field+": ")
			says("the default of "+p.Field, p.Quantity())
		}
	}
}
