package disks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// fuse is a disk that a program serves, as those of network and cloud storage are: one that can only be read, so that
// it has no marker, and whose file system id is 0 and whose root has the inode 1, as that of every other. It speaks
// version 7.31 of the kernel's protocol, include/uapi/linux/fuse.h, as far as a run needs it.
type fuse struct {
	fd   int
	dead atomic.Bool

	mu    sync.Mutex
	nodes []string        // paths by their number - 1; the root is the first, and empty
	files map[string]bool // paths of files and folders: whether it is a file

	typeless bool                                    // a listing says of nothing what it is
	shifting bool                                    // each look finds another inode
	list     func(names []string) []string           // what a listing holds; nil: everything
	fails    func(op uint32, path string) unix.Errno // 0: it works; nil: everything does
	looks    uint64
}

// Operations of the protocol.
const (
	fuseLookup, fuseForget, fuseGetattr, fuseOpen = 1, 2, 3, 14
	fuseRead, fuseStatfs, fuseRelease, fuseFlush  = 15, 17, 18, 25
	fuseInit, fuseOpendir, fuseReaddir            = 26, 27, 28
	fuseReleasedir, fuseInterrupt, fuseForgets    = 29, 36, 42
)

// serveFuse puts a disk with these files on a folder.
func (l *lab) serveFuse(folder string, files ...string) *fuse {
	l.t.Helper()
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	l.must(err)
	f := &fuse{fd: fd, nodes: []string{""}, files: map[string]bool{"": false}}
	for _, name := range files {
		f.files[name] = true
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			f.files[dir] = false
		}
	}
	l.mountOf("fuse", "none", folder, unix.MS_RDONLY, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd))
	go f.serve()
	return f
}

// die ends the program that serves the disk, which stays mounted, at the next request.
func (f *fuse) die() { f.dead.Store(true) }

func (f *fuse) serve() {
	defer unix.Close(f.fd)
	request := make([]byte, 1<<17)
	for {
		n, err := unix.Read(f.fd, request)
		switch {
		case err == unix.EINTR || err == unix.ENOENT:
			continue
		case err != nil || f.dead.Load(): // ENODEV: it is not mounted any more
			return
		}
		op := binary.NativeEndian.Uint32(request[4:])
		body, errno := f.answer(op, binary.NativeEndian.Uint64(request[16:]), request[40:n])
		if op == fuseForget || op == fuseForgets || op == fuseInterrupt {
			continue // which have no answer
		}
		out := binary.NativeEndian.AppendUint32(nil, uint32(16+len(body)))
		out = binary.NativeEndian.AppendUint32(out, uint32(-int32(errno)))
		_, _ = unix.Write(f.fd, append(append(out, request[8:16]...), body...))
	}
}

// answer is that to a request about a node.
func (f *fuse) answer(op uint32, node uint64, in []byte) (body []byte, errno syscall.Errno) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := ""
	if node > 0 && node <= uint64(len(f.nodes)) {
		at = f.nodes[node-1]
	}
	if op == fuseLookup {
		name, _, _ := bytes.Cut(in, []byte{0})
		at = path.Join(at, string(name))
	}
	if f.fails != nil {
		if errno := f.fails(op, at); errno != 0 {
			return nil, errno
		}
	}
	isFile, there := f.files[at]
	switch op {
	case fuseInit:
		return fields([]uint32{7, 31, 0, 0, 0, 1 << 16, 1}, make([]byte, 36)), 0
	case fuseStatfs:
		return make([]byte, 80), 0
	case fuseOpen, fuseOpendir:
		return make([]byte, 16), 0
	case fuseRelease, fuseReleasedir, fuseFlush, fuseForget, fuseForgets, fuseInterrupt:
		return nil, 0
	case fuseRead:
		return nil, 0
	}
	switch {
	case !there:
		return nil, unix.ENOENT
	case op == fuseLookup:
		return fields(f.number(at), make([]byte, 32), f.attributes(at, isFile)), 0
	case op == fuseGetattr:
		return fields(make([]byte, 16), f.attributes(at, isFile)), 0
	case op == fuseReaddir:
		return f.listing(at, binary.NativeEndian.Uint64(in[8:]), binary.NativeEndian.Uint32(in[16:])), 0
	}
	return nil, unix.ENOSYS
}

// fields are values one behind the other.
func fields(values ...any) (b []byte) {
	for _, v := range values {
		b, _ = binary.Append(b, binary.NativeEndian, v)
	}
	return b
}

// number is the one by which the kernel knows a path.
func (f *fuse) number(at string) uint64 {
	i := slices.Index(f.nodes, at)
	if i < 0 {
		i = len(f.nodes)
		f.nodes = append(f.nodes, at)
	}
	return uint64(i + 1)
}

// attributes are struct fuse_attr: ino, size, blocks, three times, their nanoseconds, mode, nlink and the rest.
func (f *fuse) attributes(at string, isFile bool) []byte {
	ino, mode := f.number(at), uint32(unix.S_IFDIR|0o755)
	if isFile {
		mode = unix.S_IFREG | 0o644
	}
	if f.shifting && at != "" {
		f.looks++
		ino += f.looks << 32
	}
	return fields(ino, make([]uint64, 5), make([]uint32, 3), mode, uint32(1), make([]uint32, 5))
}

// listing is a part of a folder's, from an offset on.
func (f *fuse) listing(at string, offset uint64, size uint32) (b []byte) {
	var names []string
	for name := range f.files {
		if name != "" && strings.TrimPrefix(path.Dir("/"+name), "/") == at {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	if f.list != nil {
		names = f.list(names)
	}
	for i, name := range names {
		kind := uint32(unix.DT_DIR)
		if f.files[path.Join(at, name)] {
			kind = unix.DT_REG
		}
		if f.typeless {
			kind = unix.DT_UNKNOWN
		}
		entry := fields(uint64(i+2), uint64(i+1), uint32(len(name)), kind, []byte(name))
		entry = append(entry, make([]byte, (8-len(entry)%8)%8)...)
		if uint64(i) < offset {
			continue
		}
		if len(b)+len(entry) > int(size) {
			break
		}
		b = append(b, entry...)
	}
	return b
}
