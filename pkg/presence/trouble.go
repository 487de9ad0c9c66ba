package presence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// NoneTrusted tells whether every root is in trouble.
func (s *Survey) NoneTrusted() bool {
	return !slices.ContainsFunc(s.Roots, func(r *Root) bool { return r.Trouble == "" })
}

// Troubles say of each root in trouble what the matter is, and what to do.
func (s *Survey) Troubles() (list []string) {
	for _, r := range s.Roots {
		if r.Trouble != "" {
			list = append(list, fmt.Sprintf("the root %q %s; %s", r.Path, r.Trouble, cmp.Or(r.remedy, r.wayOn())))
		}
	}
	return list
}

// wayOn is what to do about a root that is not what it was.
func (r *Root) wayOn() string {
	if r.Digest() == "" {
		return "mount its disk"
	}
	return fmt.Sprintf("mount its disk, or, if the change is intended, accept the root as it is now with --allow-plan=%s "+
		"(in a schedule: spec.limits.allowPlan, or kubectl maint approve)", r.Digest())
}

// Acceptable is the digest of the first root in trouble that a person can accept; empty: there is none.
func (s *Survey) Acceptable() string {
	for _, r := range s.Roots {
		if r.Trouble != "" && r.Digest() != "" {
			return r.Digest()
		}
	}
	return ""
}

// Mismatches are the roots and path maps that do not match the recorded paths. A root in trouble is reported as such,
// and in one that a person accepted there need be no file.
func (s *Survey) Mismatches() []string {
	return s.placed.Mismatches(func(i int) bool { return s.Roots[i].Trouble != "" || s.Roots[i].accepted })
}

// FoldersUnknown is the number of folders, roots among them, because of which files could not be judged.
func (s *Survey) FoldersUnknown() (n int64) {
	for _, r := range s.Roots {
		n += r.folders
		if r.Trouble != "" {
			n++
		}
	}
	return n + int64(len(s.doubts()))
}

// doubts are those of the sections whose root is not in trouble.
func (s *Survey) doubts() (list []string) {
	for _, c := range s.sections {
		if c.doubt != "" && s.Roots[c.root].Trouble == "" {
			list = append(list, c.doubt)
		}
	}
	return list
}

// Warnings say, one sentence each, which files were not judged, and what is remarkable about the roots.
func (s *Survey) Warnings() (list []string) {
	warn := func(n int64, format string, args ...any) {
		if n > 0 {
			list = append(list, fmt.Sprintf(format, append([]any{n}, args...)...))
		}
	}
	for _, path := range s.Absent {
		list = append(list, fmt.Sprintf(
			"the root %q of the library's own records does not exist here and was not judged: mount it, or use --path-map",
			path))
	}
	for i, r := range s.Roots {
		warn(s.FiguresOf(i).Unheld,
			"root %[2]q has %[1]d more missing files than one run looks at: they wait for a later run", r.Path)
		warn(r.folders, "in root %[2]q, %[1]d folders are unknown: %[3]s", r.Path, strings.Join(r.why, "; "))
		if r.Trouble == "" && r.known.FileSystem != "" && r.known.FileSystem != r.Identity.FileSystem {
			list = append(list, fmt.Sprintf(
				"root %q lies on a file system with another id than before; its marker says that it is the same", r.Path))
		}
	}
	list = slices.Concat(list, s.doubts(), s.Mismatches())
	warn(s.placed.Outside, "%[1]d records lie in no library root and were not judged, such as %[2]q: check "+
		"--library-root and --path-map",
		s.placed.Example())
	warn(s.garbled, "%d records were not judged: U+FFFD in their paths means that the names on disk are others, not UTF-8")
	return list
}
