package cleanuporphanedfilerecords

import (
	"context"
	"errors"
	"fmt"

	"ucorefs.io/maintenance/pkg/files"
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
	met       int64    // files that were found alive
	// trouble is why the root cannot be trusted, as the end of the sentence "the root ..."; empty where it can.
	// Nothing in it is judged then.
	trouble string
	remedy  string // what helps; empty: mount its disk

	disk  openLibrary  // nil while it is not open, and where the root is in trouble
	index *roots.Index // of all that lies in it; nil before it is listed, and when that has served

	folders     int64 // because of which a record could not be judged
	why, mounts []string
	again       map[string]bool // folders that could be listed, and not again
}

// toRemember is what to remember of the root; ok is false where no recorded file was found alive in it.
func (r *root) toRemember() (next roots.Known, ok bool) {
	known := r.known
	known.Path = r.path
	return known.Next(r.identity, r.mounts, r.sample, r.others), r.met > 0
}

// anew is the root before anything was found in it, to be verified against what was.
func (r *root) anew() *root {
	known, _ := r.toRemember()
	return &root{path: r.path, elsewhere: r.elsewhere, known: known}
}

// enter opens a root and verifies it. Where it cannot be trusted r.trouble says why, and it is closed.
func (open opener) enter(ctx context.Context, r *root) (err error) {
	if r.disk, err = open(r.path); err != nil {
		r.trouble, r.disk = fmt.Sprintf("cannot be opened: %v", err), nil
		if denied := (*files.NotReadableError)(nil); errors.As(err, &denied) {
			r.remedy = files.ReadableRemedy
		}
		return nil
	}
	if err := r.verify(ctx); err != nil || r.trouble != "" {
		return errors.Join(err, r.close())
	}
	return nil
}

// verify finds out whether the root is the one that it was.
func (r *root) verify(ctx context.Context) (err error) {
	if r.identity, err = r.disk.Identity(); err != nil {
		r.trouble = fmt.Sprintf("cannot be told from another: %v", err)
		return nil
	}
	if r.known.Path != "" {
		r.trouble = r.known.Difference(r.identity)
	}
	if r.trouble != "" {
		return nil
	}
	verdicts, err := roots.Look(ctx, r.tree(), r.known.Sample)
	if err != nil {
		return err
	}
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

func (r *root) tree() roots.Tree {
	form := roots.Form{FoldsCase: r.identity.FoldsCase}
	return roots.Tree{Disk: r.disk, Form: form, Mounts: r.known.Mounts, Elsewhere: r.elsewhere}
}

// sawAlive counts a file, and keeps some as others: the first ten, then those that lie twice as far apart each time.
func (r *root) sawAlive(file string) {
	r.met++
	if first, far := r.met <= 10, r.met&(r.met-1) == 0; first || far {
		r.others = append(r.others, file)
	}
}

// lost counts a folder that could not be listed again.
func (r *root) lost(folder string) {
	if r.again[folder] {
		return
	}
	if r.again == nil {
		r.again = map[string]bool{}
	}
	r.again[folder] = true
	r.folders++
	if len(r.why) < tasks.SampleSize {
		r.why = append(r.why, fmt.Sprintf("%q could not be listed again", folder))
	}
}

func (r *root) close() error {
	disk := r.disk
	r.disk = nil
	return disk.Close()
}

func closeAll(list []*root) {
	for _, r := range list {
		if r.disk != nil {
			_ = r.close() // nothing was written through it that could be lost
		}
	}
}
