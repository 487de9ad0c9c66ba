// Package check says whether an installation will work before its first night: the server and what it can do, the
// library and its collections, the folders, and for each task what it lacks. It names references, too, that the
// declaration of the library does not.
//
// Gather reads, and only reads: of the database through a mongodb.Reader, of the folders by opening them. Make is pure.
// The package decides nothing that a run relies on.
package check

import (
	"ucorefs.io/maintenance/pkg/declare"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Facts are what was seen.
type Facts struct {
	Options  jobspec.Options
	Tasks    []jobspec.Task
	Database string
	Server   connection.Facts
	Library  library.Library // the zero Library: none was found, and NoLibrary says why
	Existing []string        // the collections of the database
	// Documents are about how many documents the collections have, by name.
	Documents map[string]int64
	Rights    admin.Rights
	NoLibrary string
	Folders   []Folder
	// AbsentRoots are the roots that the library records and that do not exist here; nil where the options name roots.
	AbsentRoots []string
	// Mismatches are library roots and path maps that do not match the recorded paths, one sentence each.
	Mismatches []string
	// Undeclared are the fields in a sample that hold ids and that the declaration does not name.
	Undeclared []declare.Reference
}

// Folder is a folder that a flag names, or a library root that the library itself records.
type Folder struct {
	Flag     string `json:"flag"`               // without dashes
	Recorded bool   `json:"recorded,omitempty"` // by the library; no flag names it
	Path     string `json:"path"`
	Writable bool   `json:"writable"`
	// Known says whether it is the folder that an earlier run knew; empty: none did.
	Known   string `json:"known,omitempty"`
	Problem string `json:"problem,omitempty"` // empty: it can be used
}

// Report is what a person should know.
type Report struct {
	Ready       bool         `json:"ready"`
	Database    string       `json:"database"`
	Server      string       `json:"server"`
	Library     string       `json:"library,omitempty"`
	Collections []Collection `json:"collections"`
	Folders     []Folder     `json:"folders"`
	// AbsentRoots are the roots that the library records and that do not exist here.
	AbsentRoots []string `json:"absentRoots,omitempty"`
	Tasks       []Task   `json:"tasks"`
	// Undeclared are fields that hold ids of another collection's documents and that the declaration does not name.
	Undeclared []string `json:"undeclared"`
	// Problems are what keeps the installation from working, one sentence each.
	Problems []string `json:"problems"`
}

// Collection is a declared collection.
type Collection struct {
	Name      string `json:"name"`
	Exists    bool   `json:"exists"`
	Documents int64  `json:"documents"` // estimated
}

// Task is whether a task will work.
type Task struct {
	Name  string `json:"name"`
	Works bool   `json:"works"`
	// Lacks are what it needs and has not; Note is what it will leave alone, or why it will have nothing to do.
	Lacks []string `json:"lacks,omitempty"`
	Note  string   `json:"note,omitempty"`
}
