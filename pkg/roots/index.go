package roots

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"unicode/utf8"

	"ucorefs.io/maintenance/pkg/files"
)

// Index is what one walk through a root found, in 8 bytes for each name. It holds hashes instead of names: where two
// fall together, a missing file looks alive, or a folder that could not be listed looks listed; and it may hold what
// an earlier run found. So whoever deletes looks again with Look, which compares names with what the disk says at that
// moment.
type Index struct {
	tree    Tree
	names   set // of everything that was seen
	listed  set // of the folders that were listed completely
	failed  failures
	unknown map[uint64]struct{} // the folders because of which a judged file is Unknown
	// Mounts are the mount points that were met.
	Mounts []string
	// Why says of the first few folders because of which a judged file is Unknown what is the matter with them, and what
	// helps if they may not be read.
	Why      []string
	remedied bool // Why says so
	// The folder of the file that was judged last: the records of a folder follow each other.
	near     string
	nearHash folderHash
}

// MaxWhy is how many folders Why names.
const MaxWhy = 5

// isNoFolder tells whether an error means that a name is no folder: a file or a link, of which some file systems tell
// so only when one tries, or one that has just gone. Nothing is listed then; it matters only if records say that files
// lie in it.
func isNoFolder(err error) bool {
	return errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENOENT)
}

// cannot notes that a folder could not be listed. Below it nothing is judged.
func (x *Index) cannot(folder string, err error) {
	var failed *fs.PathError
	switch {
	case errors.Is(err, syscall.EXDEV):
		if utf8.ValidString(folder) { // below any other no record can lie, and no database takes its name
			x.Mounts = append(x.Mounts, folder)
		}
		err = errors.New("another file system is mounted there; give it as a --library-root of its own")
	case errors.Is(err, fs.ErrPermission):
		err = errors.New(notReadable())
	case errors.As(err, &failed):
		err = failed.Err // the path is said already, and may hold anything
	}
	x.failed.add(hash(x.tree.of(folder)), err.Error())
}

// note counts a folder as unknown.
func (x *Index) note(folder, why string) {
	h := hash(folder)
	if _, known := x.unknown[h]; known {
		return
	}
	x.unknown[h] = struct{}{}
	if len(x.Why) == MaxWhy {
		return
	}
	if why == notListed+notReadable() && !x.remedied {
		x.remedied, why = true, why+": "+files.ReadableRemedy
	}
	x.Why = append(x.Why, fmt.Sprintf("%q %s", folder, why))
}

// notListed is what the reason begins with why nothing in a folder could be judged that could not be listed.
const notListed = "could not be listed: "

// NoMountsRemedy is what to do where a folder that was a mount point, or may be one, is none.
const NoMountsRemedy = "accept the root: `maint-job roots` shows its path and digest for " +
	"`maint-job roots accept PATH --digest=DIGEST --no-mounts`"

// notReadable is why a folder that this process may not read could not be listed.
func notReadable() string { return files.Reader() + " may not read it" }

// Judge is the verdict on a file, by its path relative to the root. Missing is to be confirmed by Look, which asks the
// disk.
func (x *Index) Judge(file string) Verdict {
	if x.names.has(x.hashOf(file)) {
		return Alive
	}
	if folder, why := x.blocked(x.tree.of(file)); why != "" {
		x.note(folder, why)
		return Unknown
	}
	if Garbled(file) {
		return Unknown
	}
	return Missing
}

// hashOf is the hash of a file's path in form.
func (x *Index) hashOf(file string) uint64 {
	folder, name := cutName(file)
	if folder == "" {
		return hash(x.tree.of(file))
	}
	if folder != x.near {
		x.near, x.nearHash = strings.Clone(folder), x.tree.hashOf(strings.TrimSuffix(folder, "/"))
	}
	return x.nearHash.below(x.tree.of(name))
}

// blocked is the folder because of which a file, in form, cannot be judged, and why; why is empty where it can.
func (x *Index) blocked(file string) (folder, why string) {
	if m := x.tree.mountOf(file); m != "" {
		return m, "was not judged: it is or was a mount point; if no disk belongs there any more, " + NoMountsRemedy
	}
	if e := x.tree.elsewhere(file); e != "" {
		return e, "was not judged: it is another root, which the record spells differently"
	}
	if !x.Listed() {
		return ".", notListed + x.Failed()
	}
	for end := 0; ; end++ {
		slash := strings.IndexByte(file[end:], '/')
		if slash < 0 {
			return "", ""
		}
		end += slash
		switch h := hash(file[:end]); {
		case x.listed.has(h):
		case x.names.has(h):
			return file[:end], notListed + cmp.Or(x.failed.why(h), "it is no folder of the root, but perhaps a link to one")
		default:
			return "", "" // the file is missing with the folder
		}
	}
}

// Failed says why the root folder itself could not be listed.
func (x *Index) Failed() string { return cmp.Or(x.failed.why(hash(".")), "nobody tried") }

// Names is how many names were seen. One that two tries saw counts twice.
func (x *Index) Names() int { return len(x.names.hashes) }

// Listed tells whether the root folder itself was listed completely.
func (x *Index) Listed() bool { return x.listed.has(hash(".")) }

// Unknown is the number of folders because of which a judged file is Unknown: that could not be listed, or are no
// folders of the root but symbolic links, or files now. A folder that could not be listed and that no judged file lies
// in is none of them.
func (x *Index) Unknown() int { return len(x.unknown) }
