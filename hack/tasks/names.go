package main

import (
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// taskName is the type of spec.task.
func taskName(tasks []jobspec.Task) string {
	var out strings.Builder
	out.WriteString("// The task to run:\n")
	for i, t := range tasks {
		fmt.Fprintf(&out, "// %s (%s)%s\n", t.Name, t.Summary, separator(i, len(tasks)))
	}
	out.WriteString("// The names that UCore FS itself uses are accepted too, such as maintenance_orphaned_cleanup for\n" +
		"// cleanup-orphaned-file-records.\n" +
		"// +kubebuilder:validation:MaxLength=64\n")
	names, aliases := canonical(tasks)
	rule := fmt.Sprintf("self in %s || (self.startsWith('maintenance_') ? self.substring(12) : self) in %s",
		cel(names), cel(aliases))
	last := len(names) - 1
	out.WriteString(validation(rule, fmt.Sprintf("unknown task: use %s or %s (or a name that UCore FS itself uses, "+
		"such as maintenance_orphaned_cleanup)", strings.Join(names[:last], ", "), names[last])))
	out.WriteString("type TaskName string\n\n")
	return out.String()
}

func canonical(tasks []jobspec.Task) (names, aliases []string) {
	for _, t := range tasks {
		names, aliases = append(names, t.Name), append(aliases, t.Aliases...)
	}
	return names, aliases
}

func separator(i, n int) string {
	if i == n-1 {
		return "."
	}
	return ","
}

// volumeUse is the type of spec.volumes.use.
func volumeUse(folders []jobspec.Folder) string {
	var uses []string
	var constants strings.Builder
	for _, f := range folders {
		uses = append(uses, f.Use)
		fmt.Fprintf(&constants, "\tUse%s VolumeUse = %q // %s\n", f.Use, f.Use, f.Words)
	}
	return fmt.Sprintf("// VolumeUse is what a volume holds.\n// +kubebuilder:validation:Enum=%s\n"+
		"type VolumeUse string\n\n// The uses of volumes.\nconst (\n%s)\n", strings.Join(uses, ";"), constants.String())
}

// validation is a marker of a rule in CEL, and what is said of a value that breaks it.
func validation(rule, message string) string {
	return fmt.Sprintf("// +kubebuilder:validation:XValidation:rule=%q,message=%q\n", rule, message)
}

// cel is a list of texts in CEL.
func cel(texts []string) string { return "['" + strings.Join(texts, "','") + "']" }
