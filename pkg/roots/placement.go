package roots

import (
	"fmt"
	"path"
	"strings"
)

// Placement counts where the records of a library lie: in which root, and which path map leads there. It finds roots
// and path maps that do not match the recorded paths.
type Placement struct {
	Map          // of the roots and path maps that somebody gave
	recorded Map // the roots that the library records, as it spells them
	roots    []named
	pathMaps []named
	// Outside are the records that lie in no root, strange those of them that lie in none that the library records.
	Outside, strange int64
	example          string // the first by name of the paths outside
	near             neighbour
}

// named is a root or a path map that somebody gave.
type named struct {
	text     string
	in       int64 // records in the root, or that the path map leads into a root
	out      int64 // records that the path map leads to no root
	expected bool  // the library records it as a root: it may be empty
}

// NewPlacement is the Placement before the first record. Recorded are the paths of the roots that the library records.
func NewPlacement(pathMaps, roots, recorded []string) *Placement {
	p := &Placement{Map: NewMap(pathMaps, roots), recorded: NewMap(nil, recorded)}
	for _, root := range roots {
		p.roots = append(p.roots, named{text: root})
	}
	for _, m := range pathMaps {
		p.pathMaps = append(p.pathMaps, named{text: m})
	}
	for _, r := range recorded {
		p.expect(r)
	}
	return p
}

// expect notes that the library records a root: those given roots and path maps may have no records that lead to it.
func (p *Placement) expect(recorded string) {
	_, pathMap := p.onDisk(recorded)
	onDisk := folder(p.OnDisk(recorded))
	for _, r := range p.Map.roots {
		if _, inside := cut(onDisk, r.path); !inside && onDisk != r.path {
			continue
		}
		p.roots[r.at].expected = true
		if pathMap >= 0 {
			p.pathMaps[pathMap].expected = true
		}
	}
}

// Add counts a record by its path, and says where it lies, as Map.Locate does.
func (p *Placement) Add(recorded string) (l Location, ok bool) {
	l, ok = p.locate(recorded)
	if ok {
		p.roots[l.Root].in++
	} else {
		p.addOutside(recorded)
	}
	if l.Map < 0 {
		return l, ok
	}
	if m := &p.pathMaps[l.Map]; ok {
		m.in++
	} else {
		m.out++
	}
	return l, ok
}

// locate is Map.Locate, which is left out for all but the first of the records of one folder.
func (p *Placement) locate(recorded string) (l Location, ok bool) {
	if l, ok = p.near.locate(recorded); ok {
		return l, ok
	}
	if l, ok = p.Locate(recorded); ok {
		p.near = p.neighbourOf(recorded, l)
	}
	return l, ok
}

func (p *Placement) addOutside(recorded string) {
	if p.Outside++; p.Outside == 1 || recorded < p.example {
		p.example = strings.Clone(recorded)
	}
	if _, known := p.recorded.Locate(recorded); !known {
		p.strange++
	}
}

// Inside are the records that lie in a root.
func (p *Placement) Inside() (n int64) {
	for _, r := range p.roots {
		n += r.in
	}
	return n
}

// Example is the path of a record that lies in no root; empty where there is none.
func (p *Placement) Example() string { return p.example }

// Mismatches are what does not match the recorded paths, one sentence each that says what to write: a root in which no
// record lies, a path map that leads none into a root, and, where there is no other, that most records lie in no root.
//
// A library without records matches everything. A root may be without records if the library records it as a root, if
// another root lies in it, or if except says so. Records may lie in no root if they lie in one that the library
// records: its disk may be absent on purpose. Where the library records no roots, nobody knows.
func (p *Placement) Mismatches(except func(root int) bool) (list []string) {
	if p.Inside()+p.Outside == 0 {
		return nil
	}
	for i, r := range p.roots {
		if r.in == 0 && !r.expected && len(p.Nested(i)) == 0 && !except(i) {
			list = append(list, p.emptyRoot(r))
		}
	}
	for _, m := range p.pathMaps {
		if m.in == 0 && (m.out > 0 || !m.expected) {
			list = append(list, p.emptyPathMap(m))
		}
	}
	if len(list) == 0 && len(p.recorded.roots) > 0 && p.strange > p.Inside() {
		list = append(list, fmt.Sprintf("most records, %d of %d, lie in no library root and in none that the library "+
			"records, "+
			"such as %q: name their folder with --library-root (in a schedule: a volume with use Library), or write %s",
			p.strange, p.Inside()+p.Outside, p.example, pathMapTo("FOLDER")))
	}
	return list
}

func (p *Placement) emptyRoot(r named) string {
	if p.Outside == 0 {
		return fmt.Sprintf("no record lies in the library root %q, and all lie in others: remove it from --library-root "+
			"(in a "+
			"schedule: from the volumes), or have UCore FS scan it", r.text)
	}
	return fmt.Sprintf("no record lies in the library root %q: name the folder that has the library's files, or "+
		"write %s; "+
		"recorded paths are such as %q", r.text, pathMapTo(path.Clean(r.text)), p.example)
}

// pathMapTo is the flag that leads recorded paths to a folder.
func pathMapTo(folder string) string {
	return fmt.Sprintf("--path-map=RECORDED=%s (in a schedule: cleanupOrphanedFileRecords.pathMaps)", folder)
}

func (p *Placement) emptyPathMap(m named) string {
	from, to, _ := strings.Cut(m.text, "=")
	if m.out > 0 {
		return fmt.Sprintf("the path map %q leads %d records to no library root: name %q with --library-root (in a "+
			"schedule: a "+
			"volume with use Library), or correct the path map", m.text, m.out, to)
	}
	such := ""
	if p.Outside > 0 {
		such = fmt.Sprintf("; recorded paths are such as %q", p.example)
	}
	return fmt.Sprintf("the path map %q matches no record: write the beginning of recorded paths instead of %q, or "+
		"remove the "+
		"path map%s", m.text, from, such)
}
