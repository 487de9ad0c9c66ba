package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// OtherDatabaseError says that the index files in a folder were made from another database, to whose library they may
// still belong.
type OtherDatabaseError struct{ MadeFrom, Database string }

func (e *OtherDatabaseError) Error() string {
	return fmt.Sprintf("its index files were made from the database %q, and this run works on %q", e.MadeFrom, e.Database)
}

// belongsTo is an *OtherDatabaseError where the note is about another database.
func (n note) belongsTo(database string) error {
	if n.Database != "" && n.Database != database {
		return &OtherDatabaseError{MadeFrom: n.Database, Database: database}
	}
	return nil
}

// differs says why a note does not vouch for the indexes as they are now, with the one that this run would leave; empty
// where it does, as far as it can be seen without reading a vector.
func (n note) differs(now note, readEvery time.Duration) string {
	age := now.ReadAt.Sub(n.ReadAt)
	switch {
	case n.Version == 0:
		return "there is no note on what the indexes were made of"
	case n.Declaration != now.Declaration:
		return "the indexes were made by another declaration"
	case age < 0 || age >= readEvery:
		return "the last reading of all vectors is too long ago"
	case !reflect.DeepEqual(n.Indexes, now.Indexes):
		return "the index files are not those that were checked"
	case !reflect.DeepEqual(n.Tally, now.Tally):
		return "the database has other vectors or files"
	}
	return ""
}
