package disks

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/report"
)

// hostile is one state of a disk in which files are there and cannot be seen, or seem to be elsewhere.
type hostile struct {
	name string
	// verdict is the outcome of a run that finds a known root so.
	verdict report.Outcome
	do      func(l *lab)
	// resembles: in a root that no run has seen, nothing tells the state from one that the owner made.
	resembles bool
}

// Moments at which a state begins.
const (
	atFirst = "before the first run"
	known   = "when the root is known"
	amidst  = "while a run is under way"
)

// No record may go, whatever the disk pretends. Each state is met before the first run, when the root is known, and
// while a run is under way; a second run meets it, too.
func TestNoRecordIsLostInAnyHostileState(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	n := 0
	for _, s := range hostileStates() {
		for _, moment := range []string{atFirst, known, amidst} {
			if s.resembles && moment == atFirst {
				continue
			}
			n++
			t.Run(s.name+", "+moment, func(t *testing.T) {
				l := newLab(t, server)
				want := s.meet(l, moment)
				for range 2 {
					r := l.run()
					if left := l.left(); !slices.Equal(left, sorted(living)) {
						t.Errorf("%s/%s %s: of %d records %d are left: %v", r.Outcome, r.Reason, r.Message, len(living), len(left), left)
					}
					if want != "" && r.Outcome != want {
						t.Errorf("the run is %s/%s, want %s: %s", r.Outcome, r.Reason, want, r.Message)
					}
				}
			})
		}
	}
	t.Logf("%d hostile states, 0 records lost", n)
}

// meet brings about a state, and says what a run must say then; empty: anything.
func (s hostile) meet(l *lab, moment string) report.Outcome {
	if moment != atFirst {
		l.settle()
	}
	if moment == amidst {
		l.during = func() { s.do(l) }
		return ""
	}
	s.do(l)
	if moment == atFirst {
		return ""
	}
	return s.verdict
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func hostileStates() []hostile {
	states := rootStates()
	for _, folder := range []string{"2019", "2019/deep", "usb"} {
		states = append(states, folderStates(folder)...)
	}
	return append(states, fileStates()...)
}

// things are what may have a name in the place of a folder or a file.
var things = map[string]func(l *lab, at string){
	"a file":             func(l *lab, at string) { l.must(os.WriteFile(at, nil, 0o644)) },
	"a pipe":             func(l *lab, at string) { l.must(unix.Mkfifo(at, 0o644)) },
	"a character device": func(l *lab, at string) { l.must(unix.Mknod(at, unix.S_IFCHR|0o644, 0x103)) },
	"a block device":     func(l *lab, at string) { l.must(unix.Mknod(at, unix.S_IFBLK|0o644, 0x700)) },
	"a socket": func(l *lab, at string) {
		s, err := net.ListenUnix("unix", &net.UnixAddr{Name: shortName(at)})
		l.must(err)
		s.SetUnlinkOnClose(false)
		l.must(s.Close())
	},
	"a link that leads nowhere": func(l *lab, at string) { l.must(os.Symlink("nowhere", at)) },
	"a link to itself":          func(l *lab, at string) { l.must(os.Symlink(filepath.Base(at), at)) },
	"a link to an empty folder": func(l *lab, at string) {
		l.must(os.MkdirAll(l.dir+"/empty", 0o755), os.Symlink(l.dir+"/empty", at))
	},
	"a link to a folder of the system": func(l *lab, at string) { l.must(os.Symlink("/etc", at)) },
}

// shortName is a name of the same file that fits into the address of a socket.
func shortName(name string) string {
	fd, err := unix.Open(filepath.Dir(name), unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return name
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", fd, filepath.Base(name))
}

// disks are what may be mounted where something else was.
var disks = map[string]func(l *lab, at string){
	"an empty disk":               func(l *lab, at string) { l.mount(at) },
	"a read-only disk":            func(l *lab, at string) { l.mountOf("tmpfs", "none", at, unix.MS_RDONLY, "size=1m") },
	"another folder":              func(l *lab, at string) { l.must(os.MkdirAll(l.dir+"/other", 0o755)); l.bind(l.dir+"/other", at) },
	"a file system of the kernel": func(l *lab, at string) { l.mountOf("mqueue", "none", at, 0, "") },
	"a disk in memory":            func(l *lab, at string) { l.mountOf("ramfs", "none", at, 0, "") },
	"an overlay of nothing": func(l *lab, at string) {
		over := l.dir + "/overlay"
		l.must(os.MkdirAll(over+"/lower", 0o755), os.MkdirAll(over+"/upper", 0o755), os.MkdirAll(over+"/work", 0o755))
		l.mountOf("overlay", "none", at, 0, fmt.Sprintf("lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", over, over, over))
	},
	"two empty disks, one above the other": func(l *lab, at string) { l.mount(at); l.mount(at) },
}

func rootStates() []hostile {
	refused := report.Refused
	states := []hostile{
		{"the root is not mounted", refused, func(l *lab) { l.unmount(l.root) }, false},
		{"the root is not mounted, and one file is below it", refused, func(l *lab) { l.unmount(l.root); l.write("a") }, true},
		{"the root is not mounted, and most files are below it", refused, func(l *lab) { l.unmount(l.root); l.write(living[1:]...) }, true},
		{"the root is not mounted, and other files are below it", refused, func(l *lab) { l.unmount(l.root); l.write("x", "2019/y") }, false},
		{"the root is not mounted, and its folders are below it", refused, func(l *lab) { l.unmount(l.root); l.folders() }, false},
		{"the root is gone with its disk", refused, func(l *lab) { l.unmount(l.root); l.must(os.Remove(l.root)) }, false},
		{"an older copy of the library with its marker", refused, func(l *lab) { l.olderCopy() }, true},
		{"a part of the library is mounted in its place", refused, func(l *lab) { l.bind(l.on("2019"), l.root) }, false},
		{"the folder around is mounted in its place", refused, func(l *lab) { l.bind(l.dir, l.root) }, false},
		{"another disk with one of the files", refused, func(l *lab) { l.mount(l.root); l.write("a") }, true},
		{"another disk with the marker alone", refused, func(l *lab) { l.otherWithMarker() }, false},
		{"another disk with the marker and other files", refused, func(l *lab) { l.otherWithMarker("x", "y") }, false},
		{"all files are gone, and the marker is there", refused, func(l *lab) { l.emptied() }, false},
		{"all files are gone, and the folders are there", refused, func(l *lab) { l.emptied(); l.folders() }, false},
		{"all files are gone, and others are there", refused, func(l *lab) { l.emptied(); l.write("x", "2019/y") }, false},
		{"all files are gone, others are there, and there is no path map", refused, func(l *lab) {
			l.unmapped()
			l.emptied()
			l.write("x", "2019/y")
		}, false},
		{"a disk on which all was deleted above the library", refused, func(l *lab) { l.whiteouts() }, false},
		{"the marker is gone", refused, func(l *lab) { l.remove(files.Marker) }, true},
		{"the marker is empty", refused, func(l *lab) { l.must(os.WriteFile(l.marker(), nil, 0o644)) }, true},
		{"the marker is another's", refused, func(l *lab) { l.must(os.WriteFile(l.marker(), []byte("x\n"), 0o644)) }, true},
		{"the marker is no text", refused, func(l *lab) { l.must(os.WriteFile(l.marker(), make([]byte, 1<<20), 0o644)) }, true},
		{"the marker is a folder", refused, func(l *lab) { l.must(os.Mkdir(l.replaced(files.Marker), 0o755)) }, true},
		{"an empty disk is mounted on the marker", refused, func(l *lab) { l.must(os.Mkdir(l.replaced(files.Marker), 0o755)); l.mount(l.marker()) }, true},
	}
	for name, put := range things {
		states = append(states, hostile{"the root is " + name, refused, func(l *lab) { l.unmount(l.root); l.must(os.Remove(l.root)); put(l, l.root) }, false},
			hostile{"the marker is " + name, refused, func(l *lab) { put(l, l.replaced(files.Marker)) }, true})
	}
	for name, put := range disks {
		states = append(states, hostile{"in the place of the root is " + name, refused, func(l *lab) { put(l, l.root) }, false},
			hostile{"the root is not mounted, and there is " + name, refused, func(l *lab) { l.unmount(l.root); put(l, l.root) }, false})
	}
	return byName(states)
}

func byName(states []hostile) []hostile {
	slices.SortFunc(states, func(a, b hostile) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return states
}

// folderStates are those of a folder in the library.
func folderStates(folder string) []hostile {
	partial := report.Partial
	states := []hostile{
		{"a disk was mounted on " + folder + ", and is not", partial, func(l *lab) { l.seenMounted(folder); l.unmount(l.on(folder)) }, false},
		{"a refused run saw a disk on " + folder + ", and it is not mounted", partial, func(l *lab) {
			l.seenRefused(folder)
			l.unmount(l.on(folder))
		}, false},
		{"a refused run saw a disk on " + folder + ", and it went with the folder", partial, func(l *lab) {
			l.seenRefused(folder)
			l.unmount(l.on(folder))
			l.remove(folder)
		}, true},
		{"a disk was mounted on " + folder + ", and went with the folder", partial, func(l *lab) {
			l.seenMounted(folder)
			l.unmount(l.on(folder))
			l.remove(folder)
		}, false},
		{"a disk was mounted on " + folder + ", and another is", partial, func(l *lab) {
			l.seenMounted(folder)
			l.unmount(l.on(folder))
			l.mount(l.on(folder))
		}, false},
		{folder + " is a link to a copy of it", partial, func(l *lab) { now := l.aside(folder); l.must(os.Symlink(now, l.on(folder))) }, false},
		{folder + " is a link to the folder that it is in", partial, func(l *lab) { l.aside(folder); l.must(os.Symlink(".", l.on(folder))) }, false},
	}
	for name, put := range things {
		states = append(states, hostile{folder + " is " + name, partial, func(l *lab) { put(l, l.replaced(folder)) }, false})
	}
	for name, put := range disks {
		states = append(states, hostile{"on " + folder + " is mounted " + name, partial, func(l *lab) { put(l, l.on(folder)) }, false})
	}
	return byName(states)
}

// fileStates are those of one file: something has its name.
func fileStates() []hostile {
	fine := report.Succeeded
	states := []hostile{
		{"a file is a folder", fine, func(l *lab) { l.must(os.Mkdir(l.replaced("2019/c"), 0o755)) }, false},
		{"a file has another Unicode form", fine, func(l *lab) { l.remove("Grüße/ü.jpg"); l.write("Grüße/u\u0308.jpg") }, false},
		{"a folder has another Unicode form", fine, func(l *lab) { l.remove("Grüße"); l.write("Gru\u0308ße/ü.jpg") }, false},
		{"a file may not be read", fine, func(l *lab) { l.must(os.Chmod(l.on("2019/c"), 0)) }, false},
		{"on a file is mounted another", fine, func(l *lab) { l.bind("/proc/version", l.on("2019/c")) }, false},
		{"on a file is mounted a device", fine, func(l *lab) { l.bind("/dev/null", l.on("2019/c")) }, false},
		{"a file grows while it is looked at", fine, func(l *lab) { l.must(os.Truncate(l.on("2019/c"), 1<<20)) }, false},
	}
	for name, put := range things {
		states = append(states, hostile{"a file is " + name + " now", fine, func(l *lab) { put(l, l.replaced("2019/c")) }, false})
	}
	return byName(states)
}

func (l *lab) folders() {
	for _, name := range living {
		l.must(os.MkdirAll(filepath.Dir(l.on(name)), 0o755))
	}
}

// unmapped records the files by the paths that they have.
func (l *lab) unmapped() {
	l.t.Helper()
	l.o.PathMaps = nil
	for _, name := range living {
		set := bson.D{{Key: "$set", Value: bson.D{{Key: "path", Value: l.on(name)}}}}
		_, err := l.db.DB.Collection("file_records").UpdateByID(l.t.Context(), name, set)
		l.must(err)
	}
}

// emptied deletes all but the marker.
func (l *lab) emptied() {
	entries, err := os.ReadDir(l.root)
	l.must(err)
	for _, e := range entries {
		if e.Name() != files.Marker {
			l.remove(e.Name())
		}
	}
}

// olderCopy puts a copy in the place of the root, in which the newest files are not yet.
func (l *lab) olderCopy() {
	copied := l.dir + "/copy"
	l.must(exec.Command("cp", "-a", l.root, copied).Run())
	l.unmount(l.root)
	l.must(os.Remove(l.root), os.Rename(copied, l.root))
	l.remove("2019", "b")
}

func (l *lab) otherWithMarker(names ...string) {
	marker, _ := os.ReadFile(l.marker())
	l.mount(l.root)
	l.must(os.WriteFile(l.marker(), marker, 0o644))
	l.write(names...)
}

// whiteouts puts an overlay on the root in whose upper layer everything was deleted.
func (l *lab) whiteouts() {
	over := l.dir + "/overlay"
	l.must(os.MkdirAll(over+"/upper", 0o755), os.MkdirAll(over+"/work", 0o755))
	for _, name := range []string{"a", "b", "2019", "usb", "Grüße"} {
		l.must(unix.Mknod(over+"/upper/"+name, unix.S_IFCHR, 0))
	}
	l.mountOf("overlay", "none", l.root, 0, fmt.Sprintf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work", l.root, over, over))
}

// In a root that no run has seen, an empty folder may be the mount point of a disk that is not mounted: its records
// stay, in later runs, too. Seen to lose them all.
func TestAnEmptyFolderOfANewRootIsNoProof(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	for _, folder := range []string{"2019", "2019/deep", "usb", "Grüße"} {
		t.Run(folder, func(t *testing.T) {
			l := newLab(t, server)
			l.remove("b", folder)
			l.must(os.Mkdir(l.on(folder), 0o755))
			want := sorted(slices.DeleteFunc(slices.Clone(living), func(name string) bool { return name == "b" }))
			for range 3 {
				r := l.run()
				if left := l.left(); !slices.Equal(left, want) || r.Outcome != report.Partial {
					t.Errorf("%s/%s %s: %v are left", r.Outcome, r.Reason, r.Message, left)
				}
			}
		})
	}
}

// seenRefused lets a run see a disk on a folder that is refused: a record is missing, and none may go.
func (l *lab) seenRefused(folder string) {
	l.record("gone")
	l.o.MaxDeletes = 0
	l.seenMounted(folder)
	l.o.MaxDeletes = 1_000_000
	_, err := l.db.DB.Collection("file_records").DeleteOne(l.t.Context(), bson.D{{Key: "_id", Value: "gone"}})
	l.must(err)
}

// seenMounted lets a run see a disk on a folder, with the files on it.
func (l *lab) seenMounted(folder string) {
	at := l.aside(folder)
	l.must(os.Mkdir(l.on(folder), 0o755))
	l.mount(l.on(folder))
	l.must(exec.Command("cp", "-a", at+"/.", l.on(folder)).Run())
	during := l.during
	l.during = nil
	l.run()
	l.during = during
}
