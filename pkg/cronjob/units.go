package cronjob

import (
	"fmt"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// leastSize is the smallest size that anybody means: what is less was written without its unit, and is so many bytes.
var leastSize = resource.MustParse("1Mi")

var bareNumber = regexp.MustCompile(`^[1-9][0-9]*$`)

// checkSize refuses a size that lacks its unit: a cache of ten bytes would be an empty one. Unit is the one that it was
// probably meant in, such as Gi. A negative size is refused by its own rule.
func checkSize(size resource.Quantity, unit string) error {
	if size.Sign() < 0 || size.Cmp(leastSize) >= 0 {
		return nil
	}
	hint := "write 1Mi or more"
	if text := size.String(); bareNumber.MatchString(text) {
		hint = fmt.Sprintf("did you mean %s%s?", text, unit)
	}
	return fmt.Errorf("it is %s, and a number without a unit is in bytes: %s", size.String(), hint)
}

// resolveMemory refuses a memory that lacks its unit.
func (r *Resolved) resolveMemory() *Problem {
	resources := r.resources()
	for field, list := range map[string]corev1.ResourceList{"requests": resources.Requests,
		"limits": resources.Limits} {
		memory, ok := list[corev1.ResourceMemory]
		if !ok {
			continue
		}
		if err := checkSize(memory, "Mi"); err != nil {
			return &Problem{v1alpha1.ReasonInvalidParameters,
				fmt.Sprintf("spec.job.resources.%s.memory: %v", field, err)}
		}
	}
	return nil
}
