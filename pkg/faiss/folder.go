package faiss

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Folder is an open index folder.
type Folder struct{ disk disk }

// OpenFolder opens an index folder, which must exist. It changes nothing.
func OpenFolder(path string) (*Folder, error) {
	d, err := openRooted(path)
	if err != nil {
		return nil, fmt.Errorf("open the index folder: %w", err)
	}
	return &Folder{disk: d}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.disk.Close() }

// providers are the names that can be a part of a file's name everywhere and lead nowhere else.
var providers = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`)

// IsProvider tells whether a provider's name can be used as a file's name: letters, digits, "_", "-" and ".", at most
// 64.
func IsProvider(name string) bool { return providers.MatchString(name) }

// place is where the files of one provider are.
type place string

func (p place) generations() string { return string(p) + generationsSuffix }
func (p place) current() string     { return path.Join(p.generations(), currentName) }

// temporary is where a generation is built; incoming is the name under which a link is made before it replaces another;
// outgoing is that of a generation while it is removed.
func (p place) temporary() string { return path.Join(p.generations(), temporaryName) }
func (p place) incoming() string  { return path.Join(p.generations(), incomingName) }
func (p place) outgoing() string  { return path.Join(p.generations(), outgoingName) }

func (p place) index(generation string) string {
	return path.Join(p.generations(), generation, string(p)+IndexSuffix)
}

func (p place) sidecar(generation string) string {
	return path.Join(p.generations(), generation, string(p)+SidecarSuffix)
}

// links are the names in the index folder itself, and what each leads to.
func (p place) links() map[string]string {
	return map[string]string{
		string(p) + IndexSuffix:   p.index(currentName),
		string(p) + SidecarSuffix: p.sidecar(currentName),
	}
}

const generationsSuffix = ".generations"

// Names in the folder of generations that are no generation.
const (
	currentName   = "current"
	temporaryName = "temporary"
	incomingName  = "incoming"
	outgoingName  = "outgoing"
	beforeName    = "before" // what stood in the index folder before the first generation
)

func generationName(n uint64) string { return fmt.Sprintf("%08d", n) }

// generationNumber is the number of a generation's folder; false where the name is none.
func generationNumber(name string) (uint64, bool) {
	n, err := strconv.ParseUint(name, 10, 64)
	return n, err == nil && generationName(n) == name
}

// presentGeneration is the name that the link current holds; fs.ErrNotExist where there is none yet.
func (f *Folder) presentGeneration(p place) (string, error) {
	name, err := f.disk.Readlink(p.current())
	if err != nil {
		return "", fmt.Errorf("find the present generation of %s: %w", p, err)
	}
	if _, ok := generationNumber(name); !ok {
		return "", &DamagedError{Path: p.current(), What: fmt.Sprintf("it leads to %q, which is no generation", name)}
	}
	return name, nil
}

// Providers are the providers that have a present generation, or should have one, sorted.
func (f *Folder) Providers() ([]string, error) {
	names, err := f.disk.Names(".")
	if err != nil {
		return nil, fmt.Errorf("list the index folder: %w", err)
	}
	var list []string
	for _, name := range names {
		if provider, ok := strings.CutSuffix(name, generationsSuffix); ok && IsProvider(provider) {
			list = append(list, provider)
		}
	}
	slices.Sort(list)
	return list, nil
}
