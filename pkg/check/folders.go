package check

import (
	"fmt"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/roots"
)

// folders opens each folder that the options name, as the tasks would.
func folders(o jobspec.Options, known map[string]roots.Known) (all []Folder) {
	all = []Folder{}
	for _, kind := range jobspec.Folders() {
		for _, path := range kind.Paths(o) {
			if kind.ReadOnly {
				all = append(all, libraryRoot(kind.Flag, path, known[path]))
			} else {
				all = append(all, working(kind.Flag, path, o.LibraryRoots))
			}
		}
	}
	return all
}

// libraryRoot looks at a folder that is only read, and whether it is the one that an earlier run knew.
func libraryRoot(flag, path string, known roots.Known) Folder {
	f := Folder{Flag: flag, Path: path}
	root, err := files.OpenLibrary(path)
	if err != nil {
		f.Problem = files.WithRemedy(err).Error()
		return f
	}
	defer root.Close()
	f.Writable = unix.Access(path, unix.W_OK) == nil
	now, err := root.Identity()
	if err != nil {
		f.Problem = err.Error()
		return f
	}
	if known.Path == "" {
		return f
	}
	f.Known = "the folder that an earlier run knew, by " + known.Basis()
	if difference := known.Difference(now); difference != "" {
		f.Problem = fmt.Sprintf("the root %s: mount its disk; if the change is intended, see maint-job roots", difference)
	}
	return f
}

// working looks at a folder that a task changes.
func working(flag, path string, libraries []string) Folder {
	f := Folder{Flag: flag, Path: path}
	root, err := files.Open(path, libraries)
	if err != nil {
		f.Problem = files.WithRemedy(err).Error()
		return f
	}
	defer root.Close()
	if f.Writable = unix.Access(path, unix.W_OK) == nil; !f.Writable {
		f.Problem = fmt.Sprintf("user %d may not write to it: change its owner, or the user of the runs (jobs.user in the "+
			"chart)", unix.Getuid())
	}
	return f
}
