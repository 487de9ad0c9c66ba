// Package rootlist shows each library root as it is now beside what is remembered of it, and records that a person
// accepts a root as it is. It must not touch a file, nor any record of the library.
package rootlist

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/roots"
)

// Root is one library root.
type Root struct {
	Path string `json:"path"`
	// Verdict is what a run would make of the root, in words.
	Verdict string `json:"verdict"`
	// Trusted is set if a run would judge the records of the root.
	Trusted bool `json:"trusted"`
	// RestsOn is what the identity of the root rests on; empty if no run has recorded the root.
	RestsOn string `json:"restsOn,omitempty"`
	// Remembered and Seen are what the root was and what it is; nil if no run has recorded it, or nothing can be seen.
	Remembered *Identity `json:"remembered,omitempty"`
	Seen       *Identity `json:"seen,omitempty"`
	// Mounts are the folders below the root that are or were mount points. Their records are left alone.
	Mounts []string `json:"mounts,omitempty"`
	// Digest names this state of the root; empty if the root could not be looked at.
	Digest string `json:"digest,omitempty"`
}

// Identity is what tells a root from another folder.
type Identity struct {
	Marker     string `json:"marker,omitempty"`
	FileSystem string `json:"fileSystem"`
	Inode      uint64 `json:"inode"`
	// SampleFiles is how many of the sample's files are there. The sample is a few files that a run found.
	SampleFiles int `json:"sampleFiles"`
}

// Gather looks at the roots with these paths or, if there are none, at all that an earlier run recorded.
func Gather(ctx context.Context, db *mongodb.Reader, paths []string) ([]Root, error) {
	known, err := stores.KnownRoots(ctx, db)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		paths = slices.Sorted(maps.Keys(known))
	}
	list := []Root{}
	for _, p := range paths {
		p = path.Clean(p)
		state, err := inspect(ctx, p, known[p])
		if err != nil {
			return nil, err
		}
		list = append(list, rootOf(state))
	}
	return list, nil
}

// inspect looks at one root. The only error is that of a context that ended.
func inspect(ctx context.Context, path string, known roots.Known) (roots.State, error) {
	l, err := files.OpenLibrary(path)
	if err != nil {
		return roots.State{Path: path, Known: known, Trouble: "cannot be opened: " + files.WithRemedy(err).Error()}, nil
	}
	state, err := roots.Inspect(ctx, path, known, nil, l)
	return state, errors.Join(err, l.Close())
}

// rootOf is pure.
func rootOf(s roots.State) Root {
	r := Root{Path: s.Path, Verdict: verdict(s), Trusted: s.Trouble == "", Digest: s.Digest()}
	if k := s.Known; k.Path != "" {
		r.RestsOn, r.Mounts = k.Basis(), k.Mounts
		r.Remembered = &Identity{Marker: k.Marker, FileSystem: k.FileSystem, Inode: k.Inode, SampleFiles: len(k.Sample)}
	}
	if is := s.Identity; s.Seen {
		r.Seen = &Identity{Marker: is.Marker, FileSystem: is.FileSystem, Inode: is.Inode, SampleFiles: len(s.Sample)}
	}
	return r
}

func verdict(s roots.State) string {
	switch {
	case s.Trouble != "":
		return "the root " + s.Trouble
	case s.Known.Path == "":
		return "new: the first run that finds recorded files in it records it"
	case s.Known.Accepted:
		return "as it was when a person accepted it"
	}
	return "as it was at the last run"
}
