package slowdisk

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// folder is a folder as a local disk has it: with a time and a number of links.
type folder struct{ fs.Inode }

func (*folder) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	out.Mode, out.Nlink, out.Mtime, out.Ctime = 0o755, 2, 1, 1
	return 0
}

// tree is folders of empty files.
type tree struct {
	folder
	folders, files int // in each folder
}

func (t *tree) OnAdd(ctx context.Context) {
	for i := range t.folders {
		folder := t.NewPersistentInode(ctx, &folder{}, fs.StableAttr{Mode: fuse.S_IFDIR})
		t.AddChild(fmt.Sprintf("folder %d", i), folder, false)
		for n := range t.files {
			file := t.NewPersistentInode(ctx, &fs.MemRegularFile{Data: []byte("x")}, fs.StableAttr{})
			folder.AddChild(fmt.Sprintf("file %d.jpg", n), file, false)
		}
	}
}

// slow is a file system that takes its time for each call that looks at something or lists it.
type slow struct {
	fuse.RawFileSystem
	delay time.Duration
}

func (s slow) Lookup(cancel <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	time.Sleep(s.delay)
	return s.RawFileSystem.Lookup(cancel, in, name, out)
}

func (s slow) GetAttr(cancel <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	time.Sleep(s.delay)
	return s.RawFileSystem.GetAttr(cancel, in, out)
}

func (s slow) Statx(cancel <-chan struct{}, in *fuse.StatxIn, out *fuse.StatxOut) fuse.Status {
	time.Sleep(s.delay)
	return s.RawFileSystem.Statx(cancel, in, out)
}

func (s slow) OpenDir(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	time.Sleep(s.delay)
	return s.RawFileSystem.OpenDir(cancel, in, out)
}

func (s slow) ReadDir(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	time.Sleep(s.delay)
	return s.RawFileSystem.ReadDir(cancel, in, out)
}

// mounted is a disk of so many folders, each with so many files. Nothing that it said is remembered by the kernel.
func mounted(tb testing.TB, folders, files int, delay time.Duration) (dir string) {
	tb.Helper()
	if os.Getuid() != 0 {
		tb.Skip("mounting needs root")
	}
	dir = tb.TempDir()
	var forget time.Duration
	raw := fs.NewNodeFS(&tree{folders: folders, files: files}, &fs.Options{EntryTimeout: &forget, AttrTimeout: &forget})
	server, err := fuse.NewServer(slow{raw, delay}, dir, &fuse.MountOptions{DirectMountStrict: true,
		DisableReadDirPlus: true, Name: "slow"})
	if err != nil {
		tb.Skipf("mount a FUSE disk: %v", err)
	}
	go server.Serve()
	if err := server.WaitMount(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := server.Unmount(); err != nil {
			tb.Error(err)
		}
	})
	return dir
}
