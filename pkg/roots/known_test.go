package roots

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/files"
)

// Seen to fail, case by case, without each of the four comparisons of Difference.
func TestARootIsTheSameOnlyWhereAllThatCountsIs(t *testing.T) {
	marked := Known{Path: "/r", FileSystem: "ef53:1", Inode: 2, Marker: "m"}
	bare := Known{Path: "/r", FileSystem: "ef53:1", Inode: 2}
	for name, c := range map[string]struct {
		known Known
		now   files.Identity
		want  string // part of the difference; empty: the same
	}{
		"as it was":                           {marked, files.Identity{FileSystem: "ef53:1", Inode: 2, Marker: "m"}, ""},
		"as it was, without a marker":         {bare, files.Identity{FileSystem: "ef53:1", Inode: 2}, ""},
		"a marker came":                       {bare, files.Identity{FileSystem: "ef53:1", Inode: 2, Marker: "m"}, ""},
		"another device number, marked":       {marked, files.Identity{FileSystem: "ef53:9", Inode: 2, Marker: "m"}, ""},
		"another file system, without marker": {bare, files.Identity{FileSystem: "ef53:9", Inode: 2}, "another file system"},
		"another file system with a marker": {bare, files.Identity{FileSystem: "ef53:9", Inode: 2, Marker: "m"},
			"another file system"},
		"the marker is gone": {marked, files.Identity{FileSystem: "ef53:1", Inode: 2}, "lost its marker"},
		"the marker is another's": {marked, files.Identity{FileSystem: "ef53:1", Inode: 2, Marker: "x"},
			"marker of another root"},
		"another folder": {bare, files.Identity{FileSystem: "ef53:1", Inode: 3}, "another folder"},
		"another folder with the marker in it": {marked, files.Identity{FileSystem: "ef53:1", Inode: 3, Marker: "m"},
			"another folder"},
	} {
		got := c.known.Difference(c.now)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q in it", name, got, c.want)
		}
	}
}

func TestTheSampleStaysUntilHalfOfItIsGone(t *testing.T) {
	files20 := func(prefix string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint(prefix, i))
		}
		return list
	}
	old, other := files20("old", 20), files20("new", 30)
	for name, c := range map[string]struct{ still, want []string }{
		"all are alive":      {old, old},
		"half are alive":     {old[:10], old[:10]},
		"fewer are alive":    {old[:9], append(files20("old", 9), other[:11]...)},
		"none has been seen": {nil, other[:20]},
	} {
		if diff := cmp.Diff(c.want, (Known{Sample: old}).Next(files.Identity{}, nil, c.still, other).Sample); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMountPointsAreRememberedOnceAndForGood(t *testing.T) {
	k := Known{Mounts: []string{"b"}}
	next := k.Next(files.Identity{}, []string{"c", "b", "a"}, nil, nil)
	if diff := cmp.Diff([]string{"a", "b", "c"}, next.Mounts); diff != "" {
		t.Error(diff)
	}
	if again := next.Next(files.Identity{}, nil, nil, nil); !again.Equal(next) {
		t.Errorf("%+v became %+v", next, again)
	}
}

// Seen to fail for HFS+, F2FS, UDF, squashfs, EROFS and NILFS2, when the types whose id is a device number were listed.
func TestAnIdentityIsStrongOnlyWhereTheFileSystemsIDIsItsOwn(t *testing.T) {
	for fs, strong := range map[string]bool{
		"ef53:12345678": true, "9123683e:12345678": true, "2fc12fc1:12345678": true, "ef53:00000000": false,
		"482b:00000811": false, "f2f52010:00000811": false, "15013346:00000811": false, "73717368:00000700": false,
		"e0f5e1e2:00000700": false, "3434:00000811": false, "58465342:00000811": false, "65735546:00000031": false,
		"6969:00000000": false,
	} {
		k := Known{Path: "/l", FileSystem: fs, Inode: 2, Sample: []string{"a", "b", "c"}}
		if got := k.lacking(1) == ""; got != strong {
			t.Errorf("%s: one of three files is enough: %v, want %v; %s", fs, got, strong, k.Basis())
		}
		if k.Marker = "m"; k.lacking(1) != "" {
			t.Errorf("%s with a marker: %s", fs, k.lacking(1))
		}
	}
}
