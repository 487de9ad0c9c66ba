package manifests

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// Advice is what the file leaves open, and what is taken instead: a sentence each.
func (f *Flags) Advice(schedules []Manifest) (sentences []string) {
	if slices.ContainsFunc(schedules, Manifest.Assumed) {
		sentences = append(sentences, fmt.Sprintf("the file lists no schedules in a section %s: these are the %d "+
			"that UCore FS has by default", sectionName, len(schedules)))
	}
	preferred := slices.ContainsFunc(schedules, func(m Manifest) bool { return m.Spec.PreferredHour != nil })
	if preferred && f.Options.TimeZone == "" {
		sentences = append(sentences, "preferred_hour is taken as UTC; --time-zone Europe/Berlin, for example, "+
			"takes it as local time")
	}
	if missing := withoutVolume(schedules); len(missing) > 0 {
		sentences = append(sentences, "no flag names the volumes of these schedules, so they use those of the chart's "+
			"values (jobs.volumes): "+strings.Join(missing, ", "))
	}
	return sentences
}

// withoutVolume are the schedules that cannot run without a volume and have none of their own, each with the flag that
// gives it one.
func withoutVolume(schedules []Manifest) (missing []string) {
	for _, m := range schedules {
		task, err := jobspec.TaskByName(m.Spec.Task)
		if err == nil && task.NeedsFolder && len(m.Spec.Volumes) == 0 {
			missing = append(missing, fmt.Sprintf("%s (--%s CLAIM=PATH)", m.Metadata.Name, task.Folders[0]))
		}
	}
	return missing
}
