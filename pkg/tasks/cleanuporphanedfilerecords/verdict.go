package cleanuporphanedfilerecords

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// noneTrusted tells whether every root is in trouble.
func (f *facts) noneTrusted() bool {
	return !slices.ContainsFunc(f.roots, func(r *root) bool { return r.trouble == "" })
}

// outcome is nil where everything in these roots, as they are now, could be judged. A root in trouble affects its own
// records only, unless there is no other root. The message is what the run says otherwise.
func (p plan) outcome(list []*root, message string) *tasks.Verdict {
	var troubles []string
	for _, r := range list {
		if r.trouble != "" {
			mount := fmt.Sprintf("mount its disk, or, if the change is intended, remove the document %q from maintenance_roots", r.path)
			troubles = append(troubles, fmt.Sprintf("the root %q %s; %s", r.path, r.trouble, cmp.Or(r.remedy, mount)))
		}
	}
	v := &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonRootNotMounted, Message: message}
	switch trouble := strings.Join(troubles, "; "); {
	case len(troubles) == len(list):
		v.Outcome, v.Message = report.Refused, "nothing was deleted: "+trouble
	case len(troubles) > 0:
		v.Message += "; records of some roots were not judged: " + trouble
	case p.foldersUnknown() > 0:
		v.Reason = report.ReasonDirectoriesUnknown
	default:
		return nil
	}
	return v
}

// foldersUnknown is the number of folders, roots among them, because of which records could not be judged.
func (p plan) foldersUnknown() (n int64) {
	for _, r := range p.roots {
		n += r.folders
		if r.trouble != "" {
			n++
		}
	}
	return n + int64(len(p.doubts()))
}

// doubts are those of the sections whose root is not in trouble.
func (p plan) doubts() (list []string) {
	for _, c := range p.sections {
		if c.doubt != "" && p.roots[c.root].trouble == "" {
			list = append(list, c.doubt)
		}
	}
	return list
}
