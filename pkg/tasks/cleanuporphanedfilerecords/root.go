package cleanuporphanedfilerecords

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// root is one library root and what was found in it.
type root struct {
	// State is the root as it was seen. Where it has Trouble, nothing in it is judged; by its Digest a person can accept
	// it.
	roots.State
	known     roots.Known // the zero Known where the root is new; not that of State if it has just been accepted
	elsewhere []string    // roots that lie in this one
	others    []string    // other files that are alive
	met       int64       // files that were found alive
	remedy    string      // what helps against its trouble; empty: mount its disk
	accepted  bool        // a person accepted it as it is: that none of its recorded files is there is no trouble

	disk  openLibrary  // nil while it is not open, and where the root is in trouble
	index *roots.Index // of all that lies in it; nil before it is listed, and when that has served

	folders     int64 // because of which a record could not be judged
	why, mounts []string
	emptied     []string        // empty folders of a root that was new
	again       map[string]bool // folders that could be listed, and not again
}

// toRemember is what to remember of the root. If no recorded file was found alive in it, there is something to remember
// only if a person accepted that.
func (r *root) toRemember() (next roots.Known, ok bool) {
	known := r.known
	known.Path, known.Empty = r.Path, slices.Concat(known.Empty, r.emptied)
	next = known.Next(r.Identity, r.mounts, r.Sample, r.others)
	next.Accepted = r.isBare()
	return next, r.met > 0 || r.accepted
}

// isBare tells whether a person accepted that none of the recorded files is there, and none is.
func (r *root) isBare() bool { return r.accepted && r.met == 0 }

// anew is the root before anything was found in it, to be verified against what was.
func (r *root) anew() *root {
	known, _ := r.toRemember()
	return &root{State: roots.State{Path: r.Path}, elsewhere: r.elsewhere, known: known}
}

// enter opens a root and verifies it. Where it cannot be trusted r.Trouble says why, and it is closed. A root whose
// digest is that of allow is accepted as it is.
func (open opener) enter(ctx context.Context, r *root, allow string) (err error) {
	if r.disk, err = open(r.Path); err != nil {
		r.Trouble, r.disk = fmt.Sprintf("cannot be opened: %v", err), nil
		if denied := (*files.NotReadableError)(nil); errors.As(err, &denied) {
			r.remedy = files.ReadableRemedy
		}
		return nil
	}
	r.known = r.known.StillEmpty(r.disk)
	if r.State, err = roots.Inspect(ctx, r.Path, r.known, r.elsewhere, r.disk); err != nil {
		return errors.Join(err, r.close())
	}
	r.accepted = r.known.Accepted
	if digest := r.Digest(); digest != "" && digest == allow {
		r.known, r.Trouble, r.accepted = r.Accepted(), "", true
	}
	if r.Trouble != "" {
		return r.close()
	}
	return nil
}

func (r *root) tree(atOnce int) roots.Tree {
	form := roots.Form{FoldsCase: r.Identity.FoldsCase}
	return r.known.Tree(r.disk, form, r.elsewhere, atOnce)
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
