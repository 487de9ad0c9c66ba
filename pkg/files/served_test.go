package files_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// served is a folder that a program serves, with files that have the access control lists of servers. It speaks version
// 7.31 of the kernel's protocol, include/uapi/linux/fuse.h, as far as a file is created on it.
type served struct {
	fd    int
	names []string // by the number of the node - 2; the folder is node 1
	files map[string]*servedFile

	every  map[string]string // the lists that each new file has
	hidden bool              // the names of lists are not told
	fixed  bool              // lists cannot be changed
}

type servedFile struct {
	mode, uid, gid uint32
	lists          map[string]string
}

// Operations of the protocol. The numbers are those of enum fuse_opcode.
const (
	opLookup, opForget, opGetattr, opSetattr         = 1, 2, 3, 4
	opUnlink, opOpen, opStatfs, opRelease, opFlush   = 10, 14, 17, 18, 25
	opSetxattr, opGetxattr, opListxattr, opDropxattr = 21, 22, 23, 24
	opInit, opOpendir, opReleasedir, opCreate        = 26, 27, 29, 35
	opInterrupt, opForgets                           = 36, 42
)

// serve puts the folder on dir, with app.log, which has these lists.
func (s *served) serve(t *testing.T, dir string, lists map[string]string) {
	t.Helper()
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("this kernel has no FUSE: %v", err)
	}
	s.fd, s.names = fd, []string{"app.log"}
	s.files = map[string]*servedFile{"app.log": {mode: 0o640, lists: lists}}
	ok(t, unix.Mount("none", dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd)))
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	go s.loop()
}

func (s *served) loop() {
	defer unix.Close(s.fd)
	request := make([]byte, 1<<17)
	for {
		n, err := unix.Read(s.fd, request)
		switch {
		case err == unix.EINTR || err == unix.ENOENT:
			continue
		case err != nil: // it is not mounted any more
			return
		}
		op := binary.NativeEndian.Uint32(request[4:])
		body, errno := s.answer(op, binary.NativeEndian.Uint64(request[16:]), request[40:n])
		if op == opForget || op == opForgets || op == opInterrupt {
			continue // which have no answer
		}
		out := fields(uint32(16+len(body)), -int32(errno), request[8:16])
		_, _ = unix.Write(s.fd, append(out, body...))
	}
}

// answer is that to a request about a node.
func (s *served) answer(op uint32, node uint64, in []byte) (body []byte, errno unix.Errno) {
	var f *servedFile
	if node > 1 {
		f = s.files[s.names[node-2]]
	}
	switch op {
	case opInit:
		return fields([]uint32{7, 31, 0, 0, 0, 1 << 16, 1}, make([]byte, 36)), 0
	case opStatfs:
		return make([]byte, 80), 0
	case opOpen, opOpendir:
		return make([]byte, 16), 0
	case opRelease, opReleasedir, opFlush, opForget, opForgets, opInterrupt:
		return nil, 0
	case opLookup:
		return s.entry(text(in))
	case opUnlink:
		delete(s.files, text(in))
		return nil, 0
	case opCreate:
		name := text(in[16:])
		s.names = append(s.names, name)
		s.files[name] = &servedFile{mode: binary.NativeEndian.Uint32(in[4:]) & 0o777, lists: map[string]string{}}
		maps.Copy(s.files[name].lists, s.every)
		body, errno = s.entry(name)
		return append(body, make([]byte, 16)...), errno
	case opGetattr:
		return fields(make([]byte, 16), s.attributes(node)), 0
	}
	if f == nil {
		return nil, unix.ENOSYS
	}
	return s.answerOf(f, op, node, in)
}

// answerOf is about a file's own.
func (s *served) answerOf(f *servedFile, op uint32, node uint64, in []byte) (body []byte, errno unix.Errno) {
	switch op {
	case opSetattr:
		for bit, field := range map[uint32]*uint32{1: &f.mode, 2: &f.uid, 4: &f.gid} {
			if at := map[uint32]int{1: 68, 2: 76, 4: 80}[bit]; binary.NativeEndian.Uint32(in)&bit != 0 {
				*field = binary.NativeEndian.Uint32(in[at:])
			}
		}
		f.mode &= 0o7777
		return fields(make([]byte, 16), s.attributes(node)), 0
	case opGetxattr:
		value, there := f.lists[text(in[8:])]
		if !there {
			return nil, unix.ENODATA
		}
		return sized(in, value)
	case opListxattr:
		names := ""
		for _, name := range slices.Sorted(maps.Keys(f.lists)) {
			if !s.hidden {
				names += name + "\x00"
			}
		}
		return sized(in, names)
	case opSetxattr, opDropxattr:
		if s.fixed {
			return nil, unix.EOPNOTSUPP
		}
		if op == opDropxattr {
			delete(f.lists, text(in))
			return nil, 0
		}
		name, value, _ := strings.Cut(string(in[8:]), "\x00")
		f.lists[name] = value
		return nil, 0
	}
	return nil, unix.ENOSYS
}

// sized is a value, or its length for who asks for that.
func sized(in []byte, value string) ([]byte, unix.Errno) {
	if binary.NativeEndian.Uint32(in) == 0 {
		return fields(uint32(len(value)), uint32(0)), 0
	}
	return []byte(value), 0
}

func (s *served) entry(name string) ([]byte, unix.Errno) {
	if s.files[name] == nil {
		return nil, unix.ENOENT
	}
	node := uint64(slices.Index(s.names, name) + 2)
	return fields(node, make([]byte, 32), s.attributes(node)), 0
}

// attributes are struct fuse_attr: ino, size, blocks, three times, their nanoseconds, mode, nlink, uid, gid and the
// rest.
func (s *served) attributes(node uint64) []byte {
	f := &servedFile{mode: unix.S_IFDIR | 0o755}
	if node > 1 {
		f = &servedFile{mode: unix.S_IFREG}
		if is := s.files[s.names[node-2]]; is != nil {
			f = &servedFile{mode: unix.S_IFREG | is.mode, uid: is.uid, gid: is.gid}
		}
	}
	return fields(node, make([]uint64, 5), make([]uint32, 3), f.mode, uint32(1), f.uid, f.gid, make([]uint32, 3))
}

// fields are values one behind the other.
func fields(values ...any) (b []byte) {
	for _, v := range values {
		b, _ = binary.Append(b, binary.NativeEndian, v)
	}
	return b
}

// text is a string as C has it.
func text(b []byte) string {
	s, _, _ := bytes.Cut(b, []byte{0})
	return string(s)
}
