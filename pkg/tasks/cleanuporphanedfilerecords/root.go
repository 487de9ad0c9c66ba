package cleanuporphanedfilerecords

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// root is one library root and what was found in it.
type root struct {
	path      string
	known     roots.Known // the zero Known where the root is new
	elsewhere []string    // roots that lie in this one
	identity  files.Identity
	sample    []string // what is still there of the known sample
	others    []string // other files that are alive
	// trouble is why the root cannot be trusted, as the end of the sentence "the root ..."; empty where it can.
	trouble string

	// Figures of the records that lie in it. Unheld are missing and more than a run holds, UnheldDue those of them whose time
	// has come.
	alive, missing, unknown, unheld, unheldDue int64
	folders                                    int64 // that could not be listed
	why, mounts                                []string
	again                                      map[string]bool // folders that could be listed, and not again
}

// records is how many records lie in the root.
func (r *root) records() int64 { return r.alive + r.missing + r.unknown }

// next is what to remember of the root; ok is false where no recorded file was found alive in it.
func (r *root) next() (next roots.Known, ok bool) {
	known := r.known
	known.Path = r.path
	return known.Next(r.identity, r.mounts, r.sample, r.others), r.alive > 0
}

// rootsOf are the roots that the options name, each once.
func rootsOf(env tasks.Env, known map[string]roots.Known) ([]*root, roots.Map, error) {
	var paths []string
	for _, p := range env.Options.LibraryRoots {
		if p = path.Clean(p); !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	if len(paths) == 0 {
		return nil, roots.Map{}, &tasks.Error{Reason: report.ReasonConfiguration, Err: errors.New("no library root is given: name each folder that holds library files with --library-root")}
	}
	m, list := roots.NewMap(env.Options.PathMaps, paths), make([]*root, len(paths))
	for i, p := range paths {
		list[i] = &root{path: p, known: known[p], elsewhere: m.Nested(i)}
	}
	return list, m, nil
}

// enter opens a root and verifies it. Where it cannot be trusted r.trouble says why, and there is no library.
func (open disk) enter(ctx context.Context, r *root) (openLibrary, error) {
	l, err := open(r.path)
	if err != nil {
		r.trouble = fmt.Sprintf("cannot be opened: %v", err)
		return nil, nil
	}
	if r.identity, err = l.Identity(); err != nil {
		r.trouble = fmt.Sprintf("cannot be told from another: %v", err)
	} else if r.known.Path != "" {
		r.trouble = r.known.Difference(r.identity)
	}
	if r.trouble == "" {
		err = r.lookForSample(ctx, l)
	}
	if err == nil && r.trouble == "" {
		return l, nil
	}
	if r.trouble != "" {
		err = nil // it is told as the trouble
	}
	return nil, errors.Join(err, l.Close())
}

func (r *root) lookForSample(ctx context.Context, l openLibrary) error {
	verdicts, err := roots.Look(ctx, r.tree(l), r.known.Sample)
	if err != nil {
		return err
	}
	r.sample = nil
	for i, file := range r.known.Sample {
		if verdicts[i] == roots.Alive {
			r.sample = append(r.sample, file)
		}
	}
	if len(r.known.Sample) > 0 && len(r.sample) == 0 {
		r.trouble = fmt.Sprintf("holds none of the %d files that were there last time", len(r.known.Sample))
	}
	return nil
}

func (r *root) tree(l roots.Lister) roots.Tree {
	return roots.Tree{Lister: l, Form: roots.Form{FoldsCase: r.identity.FoldsCase}, Mounts: r.known.Mounts, Elsewhere: r.elsewhere}
}

// troubleOf is the refusal where a root cannot be trusted.
func troubleOf(list []*root) *tasks.Verdict {
	for _, r := range list {
		if r.trouble != "" {
			return &tasks.Verdict{
				Outcome: report.Refused, Reason: report.ReasonRootNotMounted,
				Message: fmt.Sprintf("nothing was deleted: the root %q %s; mount its disk, or, if this change is meant, remove the document %q from maintenance_roots", r.path, r.trouble, r.path),
			}
		}
	}
	return nil
}
