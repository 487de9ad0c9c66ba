package cronjob

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// setParameters takes the task's own parameters from the spec, field by field as the task declares them.
func setParameters(o *jobspec.Options, task jobspec.Task, spec v1alpha1.TaskParameters) error {
	members, err := membersOf(spec)
	if err != nil {
		return err
	}
	for _, p := range task.Parameters {
		field, given := members[task.Member()][p.Field]
		if !given {
			continue
		}
		values, err := flagValues(p, field)
		if err == nil {
			err = p.Set(o, values...)
		}
		if err != nil {
			return fmt.Errorf("spec.%s.%s: %w", task.Member(), p.Field, err)
		}
	}
	return nil
}

// membersOf are the fields of each member, as the API server stores them.
func membersOf(spec v1alpha1.TaskParameters) (members map[string]map[string]json.RawMessage, err error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("read the parameters of the spec: %w", err)
	}
	return members, json.Unmarshal(text, &members)
}

// flagValues are a field's value as the job's flag takes it: one text, or each pair of a path map.
func flagValues(p jobspec.Parameter, field json.RawMessage) ([]string, error) {
	switch p.Kind() {
	case jobspec.Size:
		var size resource.Quantity
		if err := json.Unmarshal(field, &size); err != nil {
			return nil, err
		}
		if err := checkSize(size, p.Unit.Symbol()); err != nil {
			return nil, err
		}
		return []string{strconv.FormatFloat(size.AsApproximateFloat64()/float64(p.Unit), 'g', -1, 64)}, nil
	case jobspec.PathMap:
		var maps []v1alpha1.PathMap
		if err := json.Unmarshal(field, &maps); err != nil {
			return nil, err
		}
		var pairs []string
		for _, m := range maps {
			pairs = append(pairs, m.From+"="+m.To)
		}
		return pairs, nil
	}
	return []string{strings.Trim(string(field), `"`)}, nil
}
