package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"ucorefs.io/maintenance/pkg/library"
)

// readLibrary is the declaration that --library names: a built-in one, or a file. Without a name it is the zero
// Library, which leaves it to the collections of the database.
func readLibrary(named string) (library.Library, error) {
	if named == "" {
		return library.Library{}, nil
	}
	if l, ok := library.Named(named); ok {
		return l, nil
	}
	text, err := os.ReadFile(named)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(named, "./"):
		return library.Library{},
			fmt.Errorf("--library=%s: no declaration of that name is built in (%s), and there is no such file",
				named, strings.Join(builtIn(), ", "))
	case errors.Is(err, syscall.EISDIR):
		return library.Library{}, fmt.Errorf("--library=%s is a folder: name the file with the declaration in it", named)
	case err != nil:
		return library.Library{}, fmt.Errorf("read --library: %w: in a pod, is there a ConfigMap of the name in "+
			"database.libraryConfigMap, with the key library.yaml?", err)
	}
	declared, err := library.Read(named, text)
	if err != nil {
		return library.Library{}, fmt.Errorf("the declaration of --library cannot be used: %w", err)
	}
	return declared, nil
}

// oneLine is an error of a declaration, which may have several lines, for a result.
func oneLine(err error) error { return errors.New(strings.ReplaceAll(err.Error(), "\n", "; ")) }

// libraryFlag is the words for --library in commands that are no run.
func libraryFlag() string {
	return "declaration of the library: " + strings.Join(builtIn(), ", ") + " or a YAML file (default: detected)"
}

// builtIn are the names of the declarations that come with the program.
func builtIn() (names []string) {
	for _, l := range library.BuiltIn() {
		names = append(names, l.Name)
	}
	return names
}
