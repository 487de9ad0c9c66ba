package roots

import (
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

// folderOf is an open root in memory: its identity, and the files in it.
type folderOf struct {
	is    files.Identity
	names []string
}

func (f folderOf) Identity() (files.Identity, error) { return f.is, nil }

func (f folderOf) List(_ string, each func(string, bool)) error {
	for _, name := range f.names {
		each(name, false)
	}
	return nil
}

func (f folderOf) Exists(string) (bool, error) { return false, nil }

// Seen to fail when one file in common was proof for every root.
func TestWhereIdentityRestsOnLittleMoreThanHalfOfTheSampleMustBeThere(t *testing.T) {
	sample := []string{"a", "b", "c", "d"}
	for name, c := range map[string]struct {
		fileSystem, marker string
		there              []string
		trusted            bool
	}{
		"ext4, one file":                         {"ef53:00000001", "", sample[:1], true},
		"ext4, none":                             {"ef53:00000001", "", nil, false},
		"FUSE without an id, one file":           {"65735546:0000000000000000", "", sample[:1], false},
		"FUSE without an id, half":               {"65735546:0000000000000000", "", sample[:2], false},
		"FUSE without an id, more than half":     {"65735546:0000000000000000", "", sample[:3], true},
		"FUSE with an id, one file":              {"65735546:00000031", "", sample[:1], false},
		"FUSE with a marker, one file":           {"65735546:0000000000000000", "m", sample[:1], true},
		"XFS, whose id is the device, one file":  {"58465342:00000831", "", sample[:1], false},
		"any system without an id, one file":     {"1234:0000000000000000", "", sample[:1], false},
		"any system without an id, all are left": {"1234:0000000000000000", "", sample, true},
	} {
		is := files.Identity{FileSystem: c.fileSystem, Inode: 1, Marker: c.marker}
		known := Known{Path: "/r", FileSystem: c.fileSystem, Inode: 1, Marker: c.marker, Sample: sample}
		s, err := Inspect(t.Context(), "/r", known, nil, folderOf{is, c.there})
		if err != nil || (s.Trouble == "") != c.trusted {
			t.Errorf("%s: %v, trouble %q", name, err, s.Trouble)
		}
	}
}

// Seen to fail, case by case, without each of the parts of the digest.
func TestADigestNamesExactlyOneState(t *testing.T) {
	known := Known{Path: "/r", FileSystem: "ef53:1", Inode: 2, Marker: "m", Sample: []string{"a", "b"}}
	is := files.Identity{FileSystem: "ef53:1", Inode: 2, Marker: "m"}
	seen := map[string]string{}
	for name, change := range map[string]func(k *Known, f *folderOf){
		"as it was":            func(*Known, *folderOf) {},
		"another marker":       func(_ *Known, f *folderOf) { f.is.Marker = "x" },
		"another file system":  func(_ *Known, f *folderOf) { f.is.FileSystem = "ef53:9" },
		"another inode":        func(_ *Known, f *folderOf) { f.is.Inode = 3 },
		"a file is gone":       func(_ *Known, f *folderOf) { f.names = []string{"a"} },
		"something else known": func(k *Known, _ *folderOf) { k.Inode = 4 },
		"accepted before":      func(k *Known, _ *folderOf) { k.Accepted = true },
	} {
		k, f := known, folderOf{is, []string{"a", "b"}}
		change(&k, &f)
		s, err := Inspect(t.Context(), "/r", k, nil, f)
		if err != nil || s.Digest() == "" {
			t.Fatal(name, err)
		}
		if other, twice := seen[s.Digest()]; twice {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[s.Digest()] = name
	}
}
