package verifyreferences

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// findings are the figures, and some of the offenders.
type findings struct {
	counts report.Counts
	broken int64
	sample []string
}

func decide(f facts, _ jobspec.Options) findings {
	result := findings{counts: report.Counts{"filesChecked": f.files}}
	for _, k := range f.kinds {
		n, sample := k.suspects.broken(k.gone)
		result.counts[k.count] += n
		result.broken += n
		result.sample = append(result.sample, sample...)
	}
	return result
}

func present(f findings) tasks.Plan {
	message := fmt.Sprintf("no broken reference; %d files checked", f.counts["filesChecked"])
	if f.broken > 0 {
		message = fmt.Sprintf("%d broken references; cleanup-orphaned-records removes those to tags, albums and files", f.broken)
	}
	return tasks.Plan{Counts: f.counts, Message: message, Sample: f.sample}
}
