package manifests

import (
	"cmp"
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// configKeys are the members of a schedule that belong to one task each, in the order of the tasks.
func configKeys() (keys []string) {
	for _, task := range jobspec.Tasks() {
		for _, p := range task.Parameters {
			if p.ConfigKey != "" {
				keys = append(keys, p.ConfigKey)
			}
		}
	}
	return keys
}

// readParameters reads the members that are parameters of the schedule's task, and refuses those of other tasks.
func (r *reader) readParameters(s *Spec, named jobspec.Task) {
	s.parameters.member = named.Member()
	for _, task := range jobspec.Tasks() {
		for _, p := range task.Parameters {
			switch {
			case p.ConfigKey == "" || !r.has(p.ConfigKey):
			case named.Name != "" && named.Name != task.Name:
				r.c.fail(r.below(p.ConfigKey), "it is a parameter of %s, and this schedule runs %s: remove it",
					task.Name, named.Name)
			default:
				if value, ok := r.parameter(p); ok {
					s.parameters.add(p.Field, value)
				}
			}
		}
	}
}

// parameter is a parameter's value as the resource writes it.
func (r *reader) parameter(p jobspec.Parameter) (value string, ok bool) {
	switch p.Kind() {
	case jobspec.Size:
		value = r.bytes(p.ConfigKey, float64(p.Unit))
		return value, value != ""
	case jobspec.Switch:
		return strconv.FormatBool(r.boolean(p.ConfigKey, false)), true
	}
	n, ok := r.whole(p.ConfigKey, int(p.Least), int(cmp.Or(p.Most, math.MaxInt32)))
	return strconv.Itoa(n), ok
}

// parameters are the parameters of a schedule's task, in the order in which the task declares them.
type parameters struct {
	member string
	fields []*yaml.Node // keys and values in turn
}

func (p *parameters) add(field, value string) {
	for _, text := range []string{field, value} {
		p.fields = append(p.fields, &yaml.Node{Kind: yaml.ScalarNode, Value: text})
	}
}

// nodes are the member of the spec that holds the parameters; none where the file has none.
func (p *parameters) nodes() []*yaml.Node {
	if len(p.fields) == 0 {
		return nil
	}
	return []*yaml.Node{{Kind: yaml.ScalarNode, Value: p.member}, {Kind: yaml.MappingNode, Content: p.fields}}
}
