package library

import (
	"embed"
	"fmt"
)

//go:embed ucorefs.yaml ucorefs-web.yaml
var texts embed.FS

// Names of the layouts that come with the program; Default is the one of an empty name.
const (
	UCoreFSName = "ucorefs"
	WebName     = "ucorefs-web"
)

// BuiltIn are the libraries that come with the program.
func BuiltIn() []Library {
	return []Library{mustRead(UCoreFSName), mustRead(WebName)}
}

// Named is the built-in library of that name, and whether there is one.
func Named(name string) (Library, bool) {
	for _, l := range BuiltIn() {
		if l.Name == name {
			return l, true
		}
	}
	return Library{}, false
}

// Text is the declaration of a built-in library, for whoever writes another.
func Text(name string) ([]byte, error) {
	text, err := texts.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no library %q: use %s or %s", name, UCoreFSName, WebName)
	}
	return text, nil
}

// mustRead reads a declaration that is part of this program, and that its tests have read.
func mustRead(name string) Library {
	text, err := Text(name)
	if err != nil {
		panic(err)
	}
	l, err := Read(name+".yaml", text)
	if err != nil {
		panic(err)
	}
	return l
}
