package roots

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/files"
)

// Known is what is remembered of a root from the first run that found its files alive.
type Known struct {
	Path       string
	FileSystem string
	Inode      uint64
	Marker     string // the id in the root's marker; empty where none could be written
	// Mounts are folders below the root that were mount points when they were last seen.
	Mounts []string
	// Empty are folders below the root that held nothing when it was new, although records lay in them. As long as they
	// hold nothing they count as mount points whose disk is not mounted.
	Empty []string
	// Sample are a few files that were alive, relative to the root.
	Sample []string
	// Accepted is set if a person accepted the root as it was then, so that none of its recorded files need be there.
	// The next run that finds a recorded file there clears it.
	Accepted bool
}

// text is all of it in one form.
func (k Known) text() string {
	return fmt.Sprintf("%q %q %d %q %q %q %v %q", k.Path, k.FileSystem, k.Inode, k.Marker, k.Mounts, k.Sample, k.Accepted,
		k.Empty)
}

// Difference is how a root differs from what is known of it, as the end of the sentence "the root ..."; empty where it
// is the same.
//
// The marker, where there is one, and the inode must be the same. So must the file system's id where there is no
// marker; with the marker it may change, as it does for some file systems when their disk gets another device number.
func (k Known) Difference(now files.Identity) string {
	switch {
	case k.Marker != "" && now.Marker == "":
		return fmt.Sprintf("has lost its marker file %s", files.Marker)
	case k.Marker != "" && now.Marker != k.Marker:
		return fmt.Sprintf("carries the marker of another root (%s, not %s)", now.Marker, k.Marker)
	case k.Inode != now.Inode:
		return fmt.Sprintf("is another folder than it was (inode %d, not %d)", now.Inode, k.Inode)
	case k.Marker == "" && k.FileSystem != now.FileSystem:
		return fmt.Sprintf("lies on another file system than it did (%s, not %s)", now.FileSystem, k.FileSystem)
	}
	return ""
}

// sampleSize is how many files a sample has at most; below half of them it is filled up.
const sampleSize = 20

// Next is what to remember after a run: its identity, the mount points that were met, and as the sample what is still
// alive of the old one, filled up with other files that are alive where it has become small.
func (k Known) Next(now files.Identity, mounts, stillAlive, otherAlive []string) Known {
	next := Known{Path: k.Path, FileSystem: now.FileSystem, Inode: now.Inode, Marker: now.Marker,
		Sample: slices.Clone(stillAlive)}
	next.Mounts, next.Empty = k.WithMounts(mounts).Mounts, k.Empty
	if len(next.Sample) >= sampleSize/2 {
		return next
	}
	for _, file := range otherAlive {
		if len(next.Sample) < sampleSize && !slices.Contains(next.Sample, file) {
			next.Sample = append(next.Sample, file)
		}
	}
	return next
}

// WithMounts is the same with more mount points.
func (k Known) WithMounts(mounts []string) Known {
	k.Mounts = slices.Compact(slices.Sorted(slices.Values(slices.Concat(k.Mounts, mounts))))
	return k
}

// StillEmpty is the same without the Empty folders that hold something now. One that cannot be listed stays.
func (k Known) StillEmpty(l Disk) Known {
	k.Empty = slices.DeleteFunc(slices.Clone(k.Empty), func(folder string) bool {
		holds := false
		err := l.List(folder, func(string, bool) { holds = true })
		return err == nil && holds
	})
	return k
}

// unmounted are the folders below which nothing is known, but where a disk is mounted on them.
func (k Known) unmounted() []string { return slices.Concat(k.Mounts, k.Empty) }

// Tree is the tree of the root, with its other roots and how many folders are listed at once.
func (k Known) Tree(l Disk, form Form, elsewhere []string, atOnce int) Tree {
	return Tree{Disk: l, Form: form, Mounts: k.unmounted(), Elsewhere: elsewhere, AtOnce: atOnce}
}

// Equal tells whether two are the same in all.
func (k Known) Equal(o Known) bool { return k.text() == o.text() }
