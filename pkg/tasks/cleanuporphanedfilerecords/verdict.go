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
	return !slices.ContainsFunc(f.roots, func(r *root) bool { return r.Trouble == "" })
}

// outcome is nil where everything in these roots, as they are now, could be judged. A root in trouble affects its own
// records only, unless there is no other root. The message is what the run says otherwise.
func (p plan) outcome(list []*root, message string) *tasks.Verdict {
	var troubles []string
	for _, r := range list {
		if r.Trouble != "" {
			troubles = append(troubles, fmt.Sprintf("the root %q %s; %s", r.Path, r.Trouble, cmp.Or(r.remedy, r.wayOn())))
		}
	}
	v := &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonRootNotMounted, Message: message}
	switch trouble := strings.Join(troubles, "; "); {
	case len(troubles) == len(list):
		v.Outcome, v.Message = report.Refused, "nothing was deleted: "+trouble
	case len(troubles) > 0:
		v.Message += "; records of some roots were not judged: " + trouble
	case len(p.mismatches()) > 0:
		v.Reason = report.ReasonPathsMismatch
		v.Message += "; " + p.mismatches()[0]
	case p.foldersUnknown() > 0:
		v.Reason = report.ReasonDirectoriesUnknown
	default:
		return nil
	}
	return v
}

// mismatches are the roots and path maps that do not match the recorded paths. A root in trouble is reported as such, and
// in one that a person accepted there need be no file.
func (p plan) mismatches() []string {
	return p.placed.Mismatches(func(i int) bool { return p.roots[i].Trouble != "" || p.roots[i].accepted })
}

// wayOn is what to do about a root that is not what it was.
func (r *root) wayOn() string {
	if r.Digest() == "" {
		return "mount its disk"
	}
	return fmt.Sprintf("mount its disk, or, if the change is intended, accept the root as it is now with --allow-plan=%s "+
		"(in a schedule: spec.limits.allowPlan, or kubectl maint approve)", r.Digest())
}

// acceptable is the digest of the first root in trouble that a person can accept; empty: there is none.
func (f *facts) acceptable() string {
	for _, r := range f.roots {
		if r.Trouble != "" && r.Digest() != "" {
			return r.Digest()
		}
	}
	return ""
}

// foldersUnknown is the number of folders, roots among them, because of which records could not be judged.
func (p plan) foldersUnknown() (n int64) {
	for _, r := range p.roots {
		n += r.folders
		if r.Trouble != "" {
			n++
		}
	}
	return n + int64(len(p.doubts()))
}

// doubts are those of the sections whose root is not in trouble.
func (p plan) doubts() (list []string) {
	for _, c := range p.sections {
		if c.doubt != "" && p.roots[c.root].Trouble == "" {
			list = append(list, c.doubt)
		}
	}
	return list
}
