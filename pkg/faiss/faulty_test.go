package faiss

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// errFault is what a faulty disk answers.
var errFault = errors.New("a fault on purpose")

// faulty is a real disk on which operations fail: the failAt-th one (the first is 0), and with dead every one after it
// too, as if the process had been killed there. All files together have room for so many bytes, and the byte written as
// number spoil is changed on the way; neither where it is negative. It counts the operations and the bytes.
type faulty struct {
	disk
	failAt, done int
	dead         bool
	room, spoil  int64
	written      int64
	failed       string // the operation that failed first
}

func healthy(d disk) *faulty { return &faulty{disk: d, failAt: -1, room: -1, spoil: -1} }

// step is called before every operation. Only unlocking never fails: a process that was killed holds no lock.
func (d *faulty) step(op string) error {
	at := d.done
	d.done++
	if d.failAt >= 0 && (at == d.failAt || d.dead && at > d.failAt) {
		if at == d.failAt {
			d.failed = op
		}
		return errFault
	}
	return nil
}

func (d *faulty) Mkdir(name string) error {
	return join(d.step("mkdir "+name), func() error { return d.disk.Mkdir(name) })
}

func (d *faulty) Rename(from, to string) error {
	return join(d.step("rename "+from+" "+to), func() error { return d.disk.Rename(from, to) })
}

func (d *faulty) Link(from, to string) error {
	return join(d.step("link "+from+" "+to), func() error { return d.disk.Link(from, to) })
}

func (d *faulty) Symlink(target, name string) error {
	return join(d.step("symlink "+target+" "+name), func() error { return d.disk.Symlink(target, name) })
}

func (d *faulty) Remove(name string) error {
	return join(d.step("remove "+name), func() error { return d.disk.Remove(name) })
}

func (d *faulty) Sync(folder string) error {
	return join(d.step("sync "+folder), func() error { return d.disk.Sync(folder) })
}

func (d *faulty) Readlink(name string) (string, error) {
	if err := d.step("readlink " + name); err != nil {
		return "", err
	}
	return d.disk.Readlink(name)
}

func (d *faulty) Lstat(name string) (fs.FileInfo, error) {
	if err := d.step("lstat " + name); err != nil {
		return nil, err
	}
	return d.disk.Lstat(name)
}

func (d *faulty) Names(folder string) ([]string, error) {
	if err := d.step("list " + folder); err != nil {
		return nil, err
	}
	return d.disk.Names(folder)
}

func (d *faulty) IsMount(folder string) (bool, error) {
	if err := d.step("look for a mount at " + folder); err != nil {
		return false, err
	}
	return d.disk.IsMount(folder)
}

func (d *faulty) Lock(folder string) (io.Closer, error) {
	if err := d.step("lock " + folder); err != nil {
		return nil, err
	}
	return d.disk.Lock(folder)
}

func (d *faulty) Create(name string) (handle, error) {
	if err := d.step("create " + name); err != nil {
		return nil, err
	}
	h, err := d.disk.Create(name)
	return &faultyFile{handle: h, disk: d, name: name}, err
}

func (d *faulty) Nameless() (handle, error) {
	if err := d.step("create a file without a name"); err != nil {
		return nil, err
	}
	h, err := d.disk.Nameless()
	return &faultyFile{handle: h, disk: d, name: "a file without a name"}, err
}

func (d *faulty) Name(h handle, name string) error {
	if err := d.step("name " + name); err != nil {
		return err
	}
	return d.disk.Name(h.(*faultyFile).handle, name)
}

func (d *faulty) Open(name string) (handle, error) {
	if err := d.step("open " + name); err != nil {
		return nil, err
	}
	h, err := d.disk.Open(name)
	return &faultyFile{handle: h, disk: d, name: name, reading: true}, err
}

type faultyFile struct {
	handle
	disk    *faulty
	name    string
	reading bool
}

func (f *faultyFile) Read(b []byte) (int, error) {
	if err := f.disk.step("read " + f.name); err != nil {
		return 0, err
	}
	return f.handle.Read(b)
}

// Write writes as much as there is room for, as a full disk does, and as a fault in the middle does.
func (f *faultyFile) Write(b []byte) (int, error) {
	if err := f.disk.step("write " + f.name); err != nil {
		n, _ := f.handle.Write(b[:len(b)/2])
		return n, err
	}
	d, size := f.disk, int64(len(b))
	if at := d.spoil - d.written; d.spoil >= 0 && at >= 0 && at < size {
		b = slices.Clone(b)
		b[at] ^= 0x10
	}
	if left := d.room - d.written; d.room >= 0 && left < size {
		n, _ := f.handle.Write(b[:left])
		d.written += left
		return n, &fs.PathError{Op: "write", Path: f.name, Err: unix.ENOSPC}
	}
	d.written += size
	return f.handle.Write(b)
}

func (f *faultyFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.disk.step("write at a place of " + f.name); err != nil {
		return 0, err
	}
	return f.handle.WriteAt(b, at)
}

func (f *faultyFile) Sync() error {
	return join(f.disk.step("sync "+f.name), f.handle.Sync)
}

// Close closes the file in any case, as the end of a process does. Where it was only read, nobody cares whether it
// succeeds.
func (f *faultyFile) Close() error {
	if f.reading {
		return f.handle.Close()
	}
	fault := f.disk.step("close " + f.name)
	return join(f.handle.Close(), func() error { return fault })
}

func (f *faultyFile) Stat() (os.FileInfo, error) {
	if err := f.disk.step("stat " + f.name); err != nil {
		return nil, err
	}
	return f.handle.Stat()
}

func join(first error, then func() error) error {
	if first != nil {
		return first
	}
	return then()
}
