package faiss

import (
	"errors"
	"fmt"
	"io"
)

// The note is a file beside the indexes, in which whoever writes them keeps what they were made of. It is not needed to
// read an index, and may be deleted at any time.
//
// NoteName is its name.
const (
	NoteName    = "maintenance-note.json"
	newNoteName = "maintenance-note.json.new"
)

// maxNote bounds what is read of a note.
const maxNote = 4 << 20

// Note is the note; fs.ErrNotExist where there is none.
func (f *Folder) Note() ([]byte, error) {
	h, err := f.disk.Open(NoteName)
	if err != nil {
		return nil, fmt.Errorf("read the note on the indexes: %w", err)
	}
	defer h.Close()
	return io.ReadAll(io.LimitReader(h, maxNote))
}

// PutNote replaces the note in one step.
func (f *Folder) PutNote(note []byte) error {
	if err := f.putNote(note); err != nil {
		return fmt.Errorf("write the note on the indexes: %w", err)
	}
	return nil
}

func (f *Folder) putNote(note []byte) error {
	if err := remove(f.disk, newNoteName); err != nil { // of a run that was killed
		return err
	}
	h, err := f.disk.Create(newNoteName)
	if err != nil {
		return err
	}
	_, err = h.Write(note)
	if err := errors.Join(err, h.Sync(), h.Close()); err != nil {
		return errors.Join(err, f.disk.Remove(newNoteName))
	}
	if err := f.disk.Rename(newNoteName, NoteName); err != nil {
		return errors.Join(err, f.disk.Remove(newNoteName))
	}
	return f.disk.Sync(".")
}
