package disks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/report"
)

// legitimate is a state that an owner makes, or that is no fault at all.
type legitimate struct {
	name string
	do   func(l *lab)
	// gone are the records that go.
	gone []string
	// way is what the owner does when a run was refused, as its message says; nil: no run may be refused.
	way func(l *lab, refused report.Result)
}

// notUTF8 is the record of a file whose name on disk nobody knows: it stays in every state.
const notUTF8 = "caf\ufffd"

// Whatever an owner does with the own library, maintenance goes on: at once, or after what the refusal says.
func TestEveryLegitimateStateHasAWayOn(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	refused := 0
	for _, s := range legitimateStates() {
		t.Run(s.name, func(t *testing.T) {
			l := newLab(t, server)
			l.settle()
			l.record(notUTF8)
			s.do(l)
			r := l.run()
			if r.Outcome == report.Refused && s.way != nil {
				refused++
				if r.PlanDigest == "" || !strings.Contains(r.Message, "--allow-plan="+r.PlanDigest) {
					t.Errorf("the refusal names no way on: %s", r.Message)
				}
				s.way(l, r)
				r = l.run()
			}
			if r.Outcome != report.Succeeded && r.Outcome != report.Partial {
				t.Fatalf("the run is %s/%s: %s", r.Outcome, r.Reason, r.Message)
			}
			for _, name := range s.gone {
				if slices.Contains(l.left(), name) {
					t.Errorf("%s is gone, and its record is there: %s/%s %s %v", name, r.Outcome, r.Reason, r.Message, r.Warnings)
				}
			}
			for _, name := range append(slices.Clone(living), notUTF8) {
				if !slices.Contains(s.gone, name) && !slices.Contains(l.left(), name) {
					t.Errorf("the record %s is lost: %s/%s %s", name, r.Outcome, r.Reason, r.Message)
				}
			}
		})
	}
	t.Logf("%d legitimate states, of which %d were refused until their owner did what the message says", len(legitimateStates()), refused)
}

func legitimateStates() []legitimate {
	accept := func(l *lab, refused report.Result) { l.o.AllowPlan = refused.PlanDigest }
	return append(append(ordinary(), placed()...), []legitimate{
		{"the library is copied to a larger disk", func(l *lab) { l.copied() }, nil, accept},
		{"the library is copied, and a folder is deleted then", func(l *lab) { l.copied(); l.remove("2019/deep") }, []string{"2019/deep/e", "2019/deep/f"}, accept},
		{"its owner deletes the marker", func(l *lab) { l.remove(files.Marker) }, nil, accept},
		{"its owner writes another marker", func(l *lab) { l.must(os.WriteFile(l.marker(), []byte("mine\n"), 0o644)) }, nil, accept},
		{"an inbox: all files are other ones", func(l *lab) { l.emptied(); l.write("x", "y", "2019/z"); l.record("x", "y", "2019/z") }, slices.DeleteFunc(slices.Clone(living), isUSB), accept},
		{"the disk is restored from a backup without the marker", func(l *lab) { l.copied(); l.remove(files.Marker) }, nil, accept},
	}...)
}

func isUSB(name string) bool { return strings.HasPrefix(name, "usb/") } // a root of its own, of which nothing is there

// ordinary are states that no run refuses.
func ordinary() []legitimate {
	deep := strings.Repeat("d/", 150) + "f"
	return []legitimate{
		{"nothing changes", func(*lab) {}, nil, nil},
		{"a file is deleted", func(l *lab) { l.remove("a") }, []string{"a"}, nil},
		{"all but one file are deleted", func(l *lab) { l.remove("b", "2019", "Grüße", "usb/g", "usb/h") }, []string{"b", "2019/c", "2019/d", "2019/deep/e", "2019/deep/f", "Grüße/ü.jpg", "usb/g", "usb/h"}, nil},
		{"a folder is deleted", func(l *lab) { l.remove("2019") }, []string{"2019/c", "2019/d", "2019/deep/e", "2019/deep/f"}, nil},
		{"a folder is emptied", func(l *lab) { l.remove("2019/deep/e", "2019/deep/f") }, []string{"2019/deep/e", "2019/deep/f"}, nil},
		{"a folder gets another name", func(l *lab) { l.must(os.Rename(l.on("2019"), l.on("2020"))) }, []string{"2019/c", "2019/d", "2019/deep/e", "2019/deep/f"}, nil},
		{"a file gets another name", func(l *lab) { l.must(os.Rename(l.on("a"), l.on("z"))) }, []string{"a"}, nil},
		{"a file goes to another folder", func(l *lab) { l.must(os.Rename(l.on("a"), l.on("2019/a"))) }, []string{"a"}, nil},
		{"a file gets a name in another case", func(l *lab) { l.must(os.Rename(l.on("a"), l.on("A"))) }, []string{"a"}, nil},
		{"a file is written again", func(l *lab) { l.remove("a"); l.write("a") }, nil, nil},
		{"a file is a hard link to another", func(l *lab) { l.must(os.Link(l.on("b"), l.replaced("a"))) }, nil, nil},
		{"many files come", func(l *lab) { l.many() }, nil, nil},
		{"files come that the database cannot name", func(l *lab) { l.write("caf\xe9", "new\nline", `back\slash`, "\x01") }, nil, nil},
		{"links, pipes and sockets are in the library", func(l *lab) {
			for name, put := range things {
				put(l, l.on("2019/"+name))
			}
		}, nil, nil},
		{"a folder that refers to itself", func(l *lab) { l.must(os.Symlink(".", l.on("2019/self"))) }, nil, nil},
		{"folders are 150 deep", func(l *lab) { l.write(deep); l.record(deep) }, nil, nil},
		{"what a check of the disk found", func(l *lab) { l.must(os.Mkdir(l.on("lost+found"), 0)) }, nil, nil},
		{"the trash of a desktop", func(l *lab) { l.write(".Trash-0/files/a"); l.remove("a") }, []string{"a"}, nil},
		{"a copy of the marker in a folder", func(l *lab) { l.must(exec.Command("cp", l.marker(), l.on("2019")).Run()) }, nil, nil},
		{"a record names no plain path", func(l *lab) { l.record("../x", "a//b", "", "2019/") }, nil, nil},
	}
}

// placed are states in which the library is the same, and the way to it is another.
func placed() []legitimate {
	return []legitimate{
		{"the library can only be read", func(l *lab) { l.remove("a"); l.must(unix.Mount("", l.root, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")) }, []string{"a"}, nil},
		{"the same disk has another device number", func(l *lab) { l.anotherDevice(); l.remove("a") }, []string{"a"}, nil},
		{"the root is reached through a link", func(l *lab) {
			l.must(os.Symlink(l.root, l.dir+"/link"))
			l.moveRoot(l.dir + "/link")
			l.remove("a")
		}, []string{"a"}, nil},
		{"the root is written with a slash behind", func(l *lab) { l.o.LibraryRoots = []string{l.root + "/"}; l.remove("a") }, []string{"a"}, nil},
		{"the root is named twice", func(l *lab) { l.o.LibraryRoots = []string{l.root, l.root}; l.remove("a") }, []string{"a"}, nil},
		{"the root is bound to another folder", func(l *lab) {
			l.must(os.Mkdir(l.dir+"/bound", 0o755))
			l.bind(l.root, l.dir+"/bound")
			l.moveRoot(l.dir + "/bound")
			l.remove("a")
		}, []string{"a"}, nil},
		{"the disk is mounted elsewhere", func(l *lab) {
			l.must(os.Mkdir(l.dir+"/moved", 0o755), unix.Mount(l.root, l.dir+"/moved", "", unix.MS_MOVE, ""))
			l.moveRoot(l.dir + "/moved")
			l.remove("a")
		}, []string{"a"}, nil},
		{"a second root comes", func(l *lab) {
			l.must(os.MkdirAll(l.dir+"/second/x", 0o755), os.WriteFile(l.dir+"/second/y", nil, 0o644))
			l.o.LibraryRoots = append(l.o.LibraryRoots, l.dir+"/second")
			l.insert("file_records", bson.D{{Key: "_id", Value: "y"}, {Key: "path", Value: l.dir + "/second/y"}})
			l.remove("a")
		}, []string{"a"}, nil},
		{"a second root is in trouble", func(l *lab) {
			l.o.LibraryRoots = append(l.o.LibraryRoots, l.dir+"/nowhere")
			l.remove("a")
		}, []string{"a"}, nil},
		{"a folder is named as a root of its own", func(l *lab) { l.o.LibraryRoots = append(l.o.LibraryRoots, l.on("usb")); l.remove("a", "usb/g") }, []string{"a", "usb/g"}, nil},
		{"a folder goes to a disk of its own", func(l *lab) { l.seenMounted("2019"); l.remove("a") }, []string{"a"}, nil},
		{"a folder is on a disk of its own, and is named as a root", func(l *lab) {
			l.seenMounted("2019")
			l.o.LibraryRoots = append(l.o.LibraryRoots, l.on("2019"))
			l.remove("a", "2019/c")
		}, []string{"a", "2019/c"}, nil},
		{"the disk of a recorded root is away", func(l *lab) { l.remove("usb", "a") }, []string{"a"}, nil},
		{"a path map leads nowhere", func(l *lab) { l.o.PathMaps = append(l.o.PathMaps, "E:/x="+l.on("nowhere")); l.remove("a") }, []string{"a"}, nil},
		{"records of another machine", func(l *lab) {
			l.insert("file_records", bson.D{{Key: "_id", Value: "other"}, {Key: "path", Value: "D:/Photos/x"}})
			l.remove("a")
		}, []string{"a"}, nil},
	}
}

// copied puts a copy of the library, with its marker, in its place.
func (l *lab) copied() {
	now := l.dir + "/copy"
	l.must(exec.Command("cp", "-a", l.root, now).Run())
	l.unmount(l.root)
	l.must(os.Remove(l.root), os.Rename(now, l.root))
}

// anotherDevice is the same disk after a restart: its root is the same, and its number is not.
func (l *lab) anotherDevice() {
	now := l.dir + "/copy"
	l.must(exec.Command("cp", "-a", l.root, now).Run())
	l.unmount(l.root)
	l.mount(l.root)
	l.must(exec.Command("cp", "-a", now+"/.", l.root).Run())
}

// moveRoot says that the library is elsewhere.
func (l *lab) moveRoot(to string) {
	l.root = to
	l.o.LibraryRoots, l.o.PathMaps = []string{to}, []string{recorded + "=" + to}
}

func (l *lab) many() {
	for i := range 600 {
		l.write(fmt.Sprintf("2019/many/%d", i))
	}
	l.must(os.Chmod(filepath.Dir(l.on("2019/many/1")), 0o755))
}
