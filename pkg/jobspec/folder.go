package jobspec

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
)

// Folder declares a kind of folder that tasks work on: the job's flag, and the use of a volume in the resource.
type Folder struct {
	// Flag is the name of the flag, without dashes; Task.Folders has it.
	Flag string
	// Use is what the resource calls a volume of that kind.
	Use string
	// Words say what it holds, as a phrase without a full stop.
	Words string
	// Default says what a run without the flag takes; empty: nothing.
	Default string
	// ReadOnly tells that no task writes there.
	ReadOnly bool
	// in is where the options keep the paths: a *[]string for a flag that may be repeated, else a *string.
	in func(*Options) any
}

// Folders are all kinds of folders.
func Folders() []Folder {
	return []Folder{
		{Flag: "library-root", Use: "Library", ReadOnly: true,
			Words: "folder that holds library files", Default: "the roots that the library records",
			in: func(o *Options) any { return &o.LibraryRoots }},
		{Flag: "cache-dir", Use: "Cache", Words: "folder that holds thumbnails, cache or temporary files",
			in: func(o *Options) any { return &o.CacheDirs }},
		{Flag: "log-dir", Use: "Logs", Words: "folder that holds *.log files",
			in: func(o *Options) any { return &o.LogDir }},
		{Flag: "index-dir", Use: "Index", Words: "folder that holds the FAISS index files",
			in: func(o *Options) any { return &o.IndexDir }},
	}
}

// FolderByFlag is the kind of folder that a flag names. It panics where there is none.
func FolderByFlag(flag string) Folder {
	for _, f := range Folders() {
		if f.Flag == flag {
			return f
		}
	}
	panic(fmt.Sprintf("no folder has the flag --%s: add it to Folders in pkg/jobspec/folder.go", flag))
}

// Several tells whether a run may have more than one folder of the kind.
func (f Folder) Several() bool {
	_, several := f.in(&Options{}).(*[]string)
	return several
}

// Paths are the folders of the kind that o names.
func (f Folder) Paths(o Options) []string {
	switch value := f.in(&o).(type) {
	case *[]string:
		return *value
	case *string:
		if *value != "" {
			return []string{*value}
		}
	}
	return nil
}

// Add names one more folder of the kind in o; where there can be one only, it is that one.
func (f Folder) Add(o *Options, path string) {
	switch value := f.in(o).(type) {
	case *[]string:
		*value = append(*value, path)
	case *string:
		*value = path
	}
}

// AddFolderFlags defines the flags of all folders on fs.
func (o *Options) AddFolderFlags(fs *pflag.FlagSet) {
	for _, f := range Folders() {
		switch value := f.in(o).(type) {
		case *[]string:
			fs.StringArrayVar(value, f.Flag, *value, f.usage("repeatable"))
		case *string:
			fs.StringVar(value, f.Flag, *value, f.usage(""))
		}
	}
}

// usage is the help of the flag.
func (f Folder) usage(remark string) string {
	if f.Default != "" {
		remark += "; default: " + f.Default
	}
	if remark == "" {
		return f.Words
	}
	return f.Words + " (" + strings.TrimPrefix(remark, "; ") + ")"
}

// Folders are the folders that o names for a task's work.
func (o Options) Folders(t Task) (paths []string) {
	for _, flag := range t.Folders {
		paths = append(paths, FolderByFlag(flag).Paths(o)...)
	}
	return paths
}

func (o Options) checkFolders() (errs []error) {
	for _, f := range Folders() {
		for _, path := range f.Paths(o) {
			if !filepath.IsAbs(path) {
				errs = append(errs, fmt.Errorf("--%s=%q: use an absolute path", f.Flag, path))
			}
		}
	}
	return errs
}
