package main

import (
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// taskParameters is the struct that the spec embeds, and the type of each of its members.
func taskParameters(tasks []jobspec.Task) string {
	var rules, members, types strings.Builder
	for _, t := range tasks {
		if len(t.Parameters) == 0 {
			continue
		}
		member := t.Member()
		name := exported(member)
		rules.WriteString(validation(fmt.Sprintf("!has(self.%s) || self.task in %s", member, cel(t.Names())),
			fmt.Sprintf("%s holds parameters of the task %s: remove it, or set task to %[2]s", member, t.Name)))
		fmt.Fprintf(&members, "\t// Parameters of the task %s.\n\t// +optional\n\t%s *%sSpec `json:\"%s,omitempty\"`\n",
			t.Name, name, name, member)
		types.WriteString(parametersOf(t))
	}
	return fmt.Sprintf("// TaskParameters are the members of a spec that hold the parameters of one task each.\n"+
		"%stype TaskParameters struct {\n%s}\n\n%s",
		rules.String()+sharedRule(tasks)+secondaryRule(tasks), members.String(), types.String())
}

// sharedRule refuses several pods for a task whose runs only one can do.
func sharedRule(tasks []jobspec.Task) string {
	names := allNames(tasks, func(t jobspec.Task) bool { return t.Shared })
	return validation(fmt.Sprintf("!has(self.parallelism) || self.parallelism == 1 || self.task in %s", cel(names)),
		fmt.Sprintf("parallelism: only the runs of %s can be shared by several pods: remove it",
			strings.Join(jobspec.SharedTasks(), " and ")))
}

// secondaryRule refuses to read from a secondary what is changed after one look.
func secondaryRule(tasks []jobspec.Task) string {
	names := allNames(tasks, func(t jobspec.Task) bool { return t.LooksTwice })
	return validation(fmt.Sprintf("!has(self.readPreference) || self.readPreference == 'Primary' || self.task in %s",
		cel(names)),
		fmt.Sprintf("readPreference: only %s may read from a secondary, which may lag behind: remove it",
			strings.Join(jobspec.SecondaryTasks(), ", ")))
}

// allNames are the names and aliases of the tasks that are so.
func allNames(tasks []jobspec.Task, so func(jobspec.Task) bool) (names []string) {
	for _, t := range tasks {
		if so(t) {
			names = append(names, t.Names()...)
		}
	}
	return names
}

// parametersOf is the type of one task's member.
func parametersOf(t jobspec.Task) string {
	var fields strings.Builder
	for _, p := range t.Parameters {
		fmt.Fprintf(&fields, "\t// %s.\n\t// +optional\n%s", description(p), field(t, p))
	}
	name := exported(t.Member())
	return fmt.Sprintf("// %sSpec are the parameters of %s.\ntype %sSpec struct {\n%s}\n\n",
		name, t.Name, name, fields.String())
}

func description(p jobspec.Parameter) string {
	text := strings.ToUpper(p.Words[:1]) + p.Words[1:]
	if p.Kind() == jobspec.Size {
		text += ", such as " + p.Quantity()
	}
	return text
}

// field is a parameter's field with its rules.
func field(t jobspec.Task, p jobspec.Parameter) string {
	name, tag := exported(p.Field), fmt.Sprintf("`json:\"%s,omitempty\"`\n", p.Field)
	switch p.Kind() {
	case jobspec.Switch:
		return "\t" + name + " bool " + tag
	case jobspec.Count:
		return "\t// +kubebuilder:default=" + p.Default + "\n" + bounds(p) + "\t" + name + " *int32 " + tag
	case jobspec.Size:
		return "\t// +kubebuilder:default=\"" + p.Quantity() + "\"\n\t" + sizeRule(t.Member()+"."+p.Field, p) + "\t" +
			leastSize(t.Member()+"."+p.Field, p.Unit) +
			"\t" + name + " *resource.Quantity " + tag
	case jobspec.Period:
		return "\t// +kubebuilder:default=\"" + p.Default + "\"\n" +
			"\t// +kubebuilder:validation:Type=string\n\t// +kubebuilder:validation:MaxLength=32\n\t" +
			validation("self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0",
				t.Member()+"."+p.Field+": write hours, minutes and seconds, such as "+p.Default) +
			"\t" + name + " *metav1.Duration " + tag
	case jobspec.PathMap:
		return "\t// +listType=map\n\t// +listMapKey=from\n\t// +kubebuilder:validation:MaxItems=32\n" +
			"\t" + name + " []PathMap " + tag
	}
	panic(fmt.Sprintf("no field is known for the kind of --%s: add one to field in hack/tasks", p.Flag))
}

// sizeRule is the rule that refuses what is not a quantity. It stands for the pattern of a quantity, which
// hack/generate.sh removes, and which the API server would show instead of words.
func sizeRule(field string, p jobspec.Parameter) string {
	return fmt.Sprintf("// +kubebuilder:validation:XValidation:rule=%q,message=%q,messageExpression=%q\n",
		"isQuantity(string(self))",
		field+" is not a quantity: write a number with Mi, Gi or Ti, such as "+p.Quantity(),
		"'"+field+": ' + string(self) + ' is not a quantity: write ' + "+
			"(string(self).matches('^[0-9]+ ?[KMGTkmgt]i?[Bb]?$') ? "+
			"string(self).find('^[0-9]+') + string(self).find('[KMGTkmgt]').upperAscii() + 'i' : "+
			"'a number with Mi, Gi or Ti, such as "+p.Quantity()+"')")
}

// leastSize is the rule that refuses a size without its unit, as pkg/cronjob does for one that is stored.
func leastSize(field string, unit jobspec.Unit) string {
	return fmt.Sprintf("// +kubebuilder:validation:XValidation:rule=%q,message=%q,messageExpression=%q\n",
		"!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('1Mi')) >= 0",
		field+" is less than 1Mi",
		"'"+field+": it is ' + string(self) + ', which is less than 1Mi, and a number without a unit is in bytes: ' + "+
			"(string(self).matches('^[1-9][0-9]*$') ? "+
			"'did you mean ' + string(self) + '"+unit.Symbol()+"?' : 'write 1Mi or more')")
}

func bounds(p jobspec.Parameter) string {
	text := fmt.Sprintf("\t// +kubebuilder:validation:Minimum=%.0f\n", p.Least)
	if p.Most != 0 {
		text += fmt.Sprintf("\t// +kubebuilder:validation:Maximum=%.0f\n", p.Most)
	}
	return text
}

// exported is a member of the resource as a name in Go.
func exported(member string) string { return strings.ToUpper(member[:1]) + member[1:] }
