package roots

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"ucorefs.io/maintenance/pkg/files"
)

// Folder is an open root folder.
type Folder interface {
	Disk
	Identity() (files.Identity, error)
}

// State is a library root as it is now, beside what is remembered of it.
type State struct {
	Path     string
	Known    Known // the zero Known if the root is new
	Identity files.Identity
	Sample   []string // the files of Known.Sample that are still there
	// Trouble is why the root cannot be trusted, as the end of the sentence "the root ..."; empty if it can.
	Trouble string
	// Seen is whether the root could be looked at. If not, nobody can accept it.
	Seen bool
}

// Inspect compares an open root with what is remembered of it. Elsewhere are the roots inside it. The only error is
// that of a context that ended.
func Inspect(ctx context.Context, path string, known Known, elsewhere []string, l Folder) (s State, err error) {
	s = State{Path: path, Known: known}
	if s.Identity, err = l.Identity(); err != nil {
		s.Trouble = fmt.Sprintf("cannot be identified: %v", err)
		return s, nil
	}
	tree := known.Tree(l, Form{FoldsCase: s.Identity.FoldsCase}, elsewhere, 0)
	verdicts, _, err := Look(ctx, tree, known.Sample)
	if err != nil {
		return s, err
	}
	for i, file := range known.Sample {
		if verdicts[i] == Alive {
			s.Sample = append(s.Sample, file)
		}
	}
	s.Seen = true
	if known.Path == "" {
		return s, nil
	}
	if s.Trouble = known.Difference(s.Identity); s.Trouble == "" {
		s.Trouble = known.lacking(len(s.Sample))
	}
	return s, nil
}

// Digest is the hex SHA-256 of the root as it is seen now and of what is remembered of it; empty if the root could not
// be looked at.
func (s State) Digest() string {
	if !s.Seen {
		return ""
	}
	is := s.Identity
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d %q %q", s.Path, s.Known.text(), is.FileSystem, is.Inode, is.Marker,
		s.Sample))
	return hex.EncodeToString(sum[:])
}

// Accepted is what to remember of the root if a person accepts it as it is now. Folders that were mount points stay
// remembered.
func (s State) Accepted() Known {
	is := s.Identity
	return Known{
		Path: s.Path, FileSystem: is.FileSystem, Inode: is.Inode, Marker: is.Marker, Mounts: s.Known.Mounts,
		Empty:    s.Known.Empty,
		Accepted: true,
	}
}
