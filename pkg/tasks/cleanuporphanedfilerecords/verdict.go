package cleanuporphanedfilerecords

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// noneTrusted tells whether there is nothing to judge by.
func (f *facts) noneTrusted() bool {
	return !slices.ContainsFunc(f.roots, func(r *root) bool { return r.trouble == "" })
}

// outcome says what could not be judged in these roots, as they are now; nil where all could. A root in trouble keeps its own records,
// and no others unless there is no other root. The message is that of the run otherwise.
func (p plan) outcome(list []*root, message string) *tasks.Verdict {
	var troubles []string
	for _, r := range list {
		if r.trouble != "" {
			troubles = append(troubles, fmt.Sprintf("the root %q %s; mount its disk, or, if this change is meant, remove the document %q from maintenance_roots", r.path, r.trouble, r.path))
		}
	}
	trouble := strings.Join(troubles, "; ")
	switch {
	case len(troubles) == len(list):
		return &tasks.Verdict{Outcome: report.Refused, Reason: report.ReasonRootNotMounted, Message: "nothing was deleted: " + trouble}
	case len(troubles) > 0:
		return &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonRootNotMounted, Message: message + "; no record was judged in " + trouble}
	case p.foldersUnknown() > 0:
		return &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonDirectoriesUnknown, Message: message}
	}
	return nil
}

// foldersUnknown are the folders, roots among them, because of which records could not be judged.
func (p plan) foldersUnknown() (n int64) {
	for _, r := range p.roots {
		n += r.folders
		if r.trouble != "" {
			n++
		}
	}
	return n + int64(len(p.doubts()))
}

// doubts say which sections of roots that are not in trouble are doubtful.
func (p plan) doubts() (list []string) {
	for _, c := range p.sections {
		if c.doubt != "" && p.roots[c.root].trouble == "" {
			list = append(list, c.doubt)
		}
	}
	return list
}
