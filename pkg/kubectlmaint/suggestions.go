package kubectlmaint

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// shownNames is how many names a hint holds.
const shownNames = 3

// Meant is a hint at the names that somebody may have meant, such as "did you mean plan?"; empty where none is alike.
func Meant(typed string, names []string) string {
	return hint(slices.DeleteFunc(jobspec.MostAlike(typed, names), func(name string) bool {
		return !jobspec.Alike(typed, name)
	}))
}

// MeantFlag is Meant for flags, whose names are given without dashes.
func MeantFlag(typed string, names []string) string {
	var flags []string
	for _, name := range jobspec.MostAlike(typed, names) {
		if jobspec.AlikeFlag(typed, name) {
			flags = append(flags, "--"+name)
		}
	}
	return hint(flags)
}

// hint names each thing once: what follows in brackets only says more of it.
func hint(alike []string) string {
	var shown, known []string
	for _, name := range alike {
		bare, _, _ := strings.Cut(name, " (")
		if !slices.Contains(known, bare) {
			shown, known = append(shown, name), append(known, bare)
		}
	}
	if len(shown) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(shown[:min(len(shown), shownNames)], ", ") + "?"
}

// similar says where a schedule of that name is, or which is most like it, by its name or its task.
func similar(name, namespace string, here, elsewhere []v1alpha1.MaintenanceSchedule) string {
	var namespaces, names []string
	for _, ms := range elsewhere {
		if ms.Name == name && ms.Namespace != namespace {
			namespaces = append(namespaces, ms.Namespace)
		}
	}
	if len(namespaces) > 0 {
		return "there is one in " + strings.Join(namespaces[:min(len(namespaces), shownNames)], ", ") +
			": add --namespace " + namespaces[0]
	}
	for _, ms := range here {
		names = append(names, ms.Name)
	}
	switch hint := Meant(name, append(names, tasksOf(here)...)); {
	case len(names) == 0:
		return "there are none at all: kubectl maint list -A shows those of all namespaces"
	case hint != "":
		return hint
	}
	return fmt.Sprintf("there are %s", strings.Join(names[:min(len(names), shownNames)], ", "))
}

// tasksOf are the schedules as people name them who know the task only.
func tasksOf(schedules []v1alpha1.MaintenanceSchedule) (names []string) {
	for _, ms := range schedules {
		if string(ms.Spec.Task) != ms.Name {
			names = append(names, fmt.Sprintf("%s (%s)", ms.Name, ms.Spec.Task))
		}
	}
	return names
}

// UnknownRun says, after a semicolon, which run of the history may have been meant by a name that is not in it; empty
// where it is, or where none is alike. The history holds the latest runs only, so that the name may be right all the
// same.
func UnknownRun(ms *v1alpha1.MaintenanceSchedule, run string) string {
	var names []string
	for _, known := range ms.Status.History {
		names = append(names, known.Run)
	}
	hint := Meant(run, names)
	if hint == "" || slices.Contains(names, run) {
		return ""
	}
	return fmt.Sprintf("; the history does not hold %s: %s", run, hint)
}
