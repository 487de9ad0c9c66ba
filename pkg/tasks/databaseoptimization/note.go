package databaseoptimization

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"reflect"
	"time"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/tasks"
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

// next is the note for the runs to come, but for the indexes; nil where there can be none.
func (l look) next(env tasks.Env) *note {
	if l.tally == nil || l.foreign {
		return nil
	}
	return &note{
		Version: noteVersion, ReadAt: env.Now, Database: env.DB.Name(), Declaration: env.Library.Digest, Tally: *l.tally,
	}
}

// differs says why a note does not vouch for the indexes; empty where it does, as far as it can be seen without reading
// a vector.
func (n note) differs(env tasks.Env, t tally, indexes map[string]faiss.Glance) string {
	most := time.Duration(env.Options.VectorsReadDays) * 24 * time.Hour
	age := env.Now.Sub(n.ReadAt)
	switch {
	case n.Version == 0:
		return "there is no note on what the indexes were made of"
	case n.Database != env.DB.Name() || n.Declaration != env.Library.Digest:
		return "the indexes were made from another database or declaration"
	case age < 0 || age >= most:
		return "all vectors were not read for --vectors-read-days"
	case !reflect.DeepEqual(n.Indexes, indexes):
		return "the index files are not those that were checked"
	case !reflect.DeepEqual(n.Tally, t):
		return "the database has other vectors or files"
	}
	return ""
}

// glances are what can be seen of all indexes in a folder; false where one cannot be used.
func glances(folder *faiss.Folder) (map[string]faiss.Glance, bool) {
	providers, err := folder.Providers()
	if err != nil {
		return nil, false
	}
	seen := map[string]faiss.Glance{}
	for _, name := range providers {
		g, err := folder.Glance(name)
		if err != nil || g.Generation == "" {
			return nil, false
		}
		seen[name] = g
	}
	return seen, true
}
