package cachecleanup

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is which files go, by a rule instead of a list: there may be millions.
type plan struct {
	facts
	message string
	verdict *tasks.Verdict
}

func decide(f facts, _ jobspec.Options) plan {
	p := plan{facts: f}
	switch {
	case f.unsafe != nil:
		p.verdict = tasks.Refused(report.ReasonUnsafeFolder, "nothing was deleted in any folder: %v", f.unsafe)
	case len(f.folders) == 0:
		p.message = "nothing to do: no cache folder exists"
	case f.skipped.Folders > 0:
		p.verdict = tasks.Partial(report.ReasonDirectoriesUnknown,
			"%d folders could not be read; what is in them counts for nothing and stays: the warnings say why",
			f.skipped.Folders)
	case f.going.files == 0:
		p.message = fmt.Sprintf("nothing to do: %d files of %d bytes are within the limits", f.all.files, f.all.bytes)
	}
	return p
}

func present(p plan) tasks.Plan {
	return tasks.Plan{
		Counts:   p.counts(p.going.sum),
		Message:  p.message,
		Sample:   p.going.sample,
		Warnings: append(p.warnings, p.skipped.Why...),
		Digest:   p.going.digest(),
		Verdict:  p.verdict,
	}
}

func (p plan) counts(gone sum) report.Counts {
	return report.Counts{
		"filesScanned": p.all.files, "filesDeleted": gone.files,
		"bytesFreed": gone.bytes, "bytesKept": p.all.bytes - gone.bytes,
	}
}
