package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"reflect"
	"time"

	"ucorefs.io/maintenance/pkg/faiss"
)

// note is what a reading of all vectors leaves for later runs: what it read, and which index files were right then.
type note struct {
	Version     int                     `json:"version"`
	ReadAt      time.Time               `json:"readAt"`
	Database    string                  `json:"database"`
	Declaration string                  `json:"declaration"` // its digest
	Tally       tally                   `json:"tally"`
	Indexes     map[string]faiss.Glance `json:"indexes"` // by provider
	Warnings    []string                `json:"warnings"`
}

const (
	noteVersion = 1
	noteBegins  = "{\n  \"version\": " // which tells it from another program's file
)

// readNote is the note in a folder; the zero note where there is none that this program wrote. It is foreign where
// another program has a file of that name.
func readNote(folder *faiss.Folder) (n note, foreign bool) {
	stored, err := folder.Note()
	if err != nil {
		return note{}, !errors.Is(err, fs.ErrNotExist)
	}
	if !bytes.HasPrefix(stored, []byte(noteBegins)) {
		return note{}, true
	}
	if err := json.Unmarshal(stored, &n); err != nil || n.Version != noteVersion {
		return note{}, false
	}
	return n, false
}

// write replaces the note in a folder, with the indexes as they are now.
func (n note) write(folder *faiss.Folder) (err error) {
	if n.Indexes, err = folder.Glances(); err != nil {
		return err
	}
	stored, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	return folder.PutNote(stored)
}

// differs says why a note does not vouch for the indexes as they are now, with the one that this run would leave; empty
// where it does, as far as it can be seen without reading a vector.
func (n note) differs(now note, readEvery time.Duration) string {
	age := now.ReadAt.Sub(n.ReadAt)
	switch {
	case n.Version == 0:
		return "there is no note on what the indexes were made of"
	case n.Database != now.Database || n.Declaration != now.Declaration:
		return "the indexes were made from another database or declaration"
	case age < 0 || age >= readEvery:
		return "the last reading of all vectors is too long ago"
	case !reflect.DeepEqual(n.Indexes, now.Indexes):
		return "the index files are not those that were checked"
	case !reflect.DeepEqual(n.Tally, now.Tally):
		return "the database has other vectors or files"
	}
	return ""
}
