package presence

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/roots"
)

// Root is one library root and what was found in it.
type Root struct {
	// State is the root as it was seen. Where it has Trouble, nothing in it is judged; by its Digest a person can accept
	// it.
	roots.State
	known     roots.Known // the zero Known where the root is new; not that of State if it has just been accepted
	elsewhere []string    // roots that lie in this one
	others    []string    // other files that are alive
	met       int64       // files that were found alive
	remedy    string      // what helps against its trouble; empty: mount its disk
	accepted  bool        // a person accepted it as it is: that none of its recorded files is there is no trouble

	disk  Disk         // nil while it is not open, and where the root is in trouble
	index *roots.Index // of all that lies in it; nil before it is listed, and when that has served

	folders     int64 // because of which a record could not be judged
	why, mounts []string
	emptied     []string        // empty folders of a root that was new
	again       map[string]bool // folders that could be listed, and not again
}

// Enter opens each root and verifies it. Where a root cannot be trusted its Trouble says why, and it is closed. A root
// whose digest is that of allow is accepted as it is. The only error is that of a context that ended, or of a disk that
// could not be closed.
func (s *Survey) Enter(ctx context.Context, open Open, allow string) error {
	for _, r := range s.Roots {
		if err := r.enter(ctx, open, allow); err != nil {
			return err
		}
	}
	return nil
}

// Again is the survey with its roots opened anew, each verified against what was found of it. A root that was in
// trouble stays there: nothing is known of its records. It is to be closed, on an error as well.
func (s *Survey) Again(ctx context.Context, open Open) (*Survey, error) {
	again := *s
	again.Roots = slices.Clone(s.Roots)
	for i, was := range s.Roots {
		if was.Trouble != "" {
			continue
		}
		known, _ := was.Remembered()
		now := &Root{State: roots.State{Path: was.Path}, elsewhere: was.elsewhere, known: known}
		again.Roots[i] = now
		if err := now.enter(ctx, open, ""); err != nil {
			return &again, err
		}
		now.Seen = false // the next run sees it beside what is stored
	}
	return &again, nil
}

// Close closes the roots that are open. Nothing was written through them that could be lost.
func (s *Survey) Close() {
	for _, r := range s.Roots {
		if r.disk != nil {
			_ = r.close()
		}
	}
}

func (r *Root) enter(ctx context.Context, open Open, allow string) (err error) {
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

func (r *Root) close() error {
	disk := r.disk
	r.disk = nil
	return disk.Close()
}

func (r *Root) tree(atOnce int) roots.Tree {
	form := roots.Form{FoldsCase: r.Identity.FoldsCase}
	return r.known.Tree(r.disk, form, r.elsewhere, atOnce)
}

// New tells whether no earlier run, and no person, made the root known.
func (r *Root) New() bool { return r.known.Path == "" }

// Mark puts a marker file into the root, which must be open, and gives the id that is in it.
func (r *Root) Mark(id string) (string, error) { return r.disk.Mark(id) }

// Remembered is what to remember of the root. If no recorded file was found alive in it, there is something to remember
// only if a person accepted that.
func (r *Root) Remembered() (next roots.Known, ok bool) {
	known := r.known
	known.Path, known.Empty = r.Path, slices.Concat(known.Empty, r.emptied)
	next = known.Next(r.Identity, r.mounts, r.Sample, r.others)
	next.Accepted = r.isBare()
	return next, r.met > 0 || r.accepted
}

// WithMounts is what to remember of the root after a refused run: the mount points that it met, if it is what it was
// and they are news. What lies on a disk that is not mounted at the next run is unknown then. Nothing else of what is
// known changes.
func (r *Root) WithMounts() (next roots.Known, ok bool) {
	next = r.Known.WithMounts(r.mounts)
	return next, r.Known.Path != "" && r.Trouble == "" && !next.Equal(r.Known)
}

// isBare tells whether a person accepted that none of the recorded files is there, and none is.
func (r *Root) isBare() bool { return r.accepted && r.met == 0 }

// sawAlive counts a file, and keeps some as others: the first ten, then those that lie twice as far apart each time.
func (r *Root) sawAlive(file string) {
	r.met++
	if first, far := r.met <= 10, r.met&(r.met-1) == 0; first || far {
		r.others = append(r.others, file)
	}
}

// lost counts a folder that could not be listed again.
func (r *Root) lost(folder string) {
	if r.again[folder] {
		return
	}
	if r.again == nil {
		r.again = map[string]bool{}
	}
	r.again[folder] = true
	r.unknown(fmt.Sprintf("%q could not be listed again", folder))
}

// unknown counts a folder because of which a record could not be judged, and says of the first few why.
func (r *Root) unknown(why string) {
	r.folders++
	if len(r.why) < roots.MaxWhy {
		r.why = append(r.why, why)
	}
}
