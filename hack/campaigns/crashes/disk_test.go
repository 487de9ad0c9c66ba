package crashes

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/report"
)

// disk is the files of a library while they come and go: real files, which the simulation's seed changes between the
// commands of a run. A root that is not mounted is an empty folder; its files are kept beside it.
type disk struct {
	rand  *rand.Rand
	roots []string
	away  map[string]bool // roots that are not mounted
	files map[string]*diskFile
	// absent are the records whose file was not on its mounted disk at some time since a last look at the disk may have
	// begun: no other record may go.
	absent map[string]bool
	gone   map[string]bool // records that went when they might
}

// diskFile is one recorded file.
type diskFile struct {
	root, rel string
	records   []string // the keys of its records
	there     bool     // also on a disk that is not mounted
	began     bool     // it was there at the beginning
}

// newDisk is the disk as the library was written to it.
func (s *simulation) newDisk() *disk {
	d := &disk{rand: s.rand, roots: s.roots, away: map[string]bool{}, files: map[string]*diskFile{}}
	alive := s.aliveRecords()
	for _, doc := range s.originDocs["file_records"] {
		recorded, _ := doc.Lookup("path").StringValueOK()
		k := key("file_records", doc)
		for i, r := range s.library.Roots {
			rel, below := strings.CutPrefix(recorded, r.Path+"/")
			if !below {
				continue
			}
			at := filepath.Join(s.roots[i], filepath.FromSlash(rel))
			_, err := os.Lstat(at)
			if there := err == nil; there == alive[k] { // a virtual file has none
				d.add(at, &diskFile{root: s.roots[i], rel: rel, there: there, began: there}, k)
			}
			break
		}
	}
	d.look()
	return d
}

func (d *disk) add(at string, f *diskFile, record string) {
	if d.files[at] == nil {
		d.files[at] = f
	}
	d.files[at].records = append(d.files[at].records, record)
}

// reset makes the disk as it was at the beginning.
func (d *disk) reset() {
	for _, root := range d.roots {
		d.mount(root)
	}
	for _, f := range d.files {
		d.set(f, f.began)
	}
	d.gone = map[string]bool{}
	d.look()
}

// look is when a last look at the disk may begin.
func (d *disk) look() {
	d.absent = map[string]bool{}
	d.noteAbsent()
}

func (d *disk) noteAbsent() {
	for _, f := range d.files {
		for _, k := range f.records {
			if !f.there && !d.away[f.root] {
				d.absent[k] = true
			}
		}
	}
}

// change does one thing to the disk, and says what.
func (d *disk) change() string {
	root := d.roots[d.rand.IntN(len(d.roots))]
	var here []*diskFile
	for _, at := range slices.Sorted(maps.Keys(d.files)) {
		if f := d.files[at]; f.root == root {
			here = append(here, f)
		}
	}
	defer d.noteAbsent()
	switch kind := d.rand.IntN(6); {
	case d.away[root]:
		d.mount(root)
		return root + " is mounted"
	case kind == 0 || len(here) == 0:
		d.unmount(root)
		return root + " is not mounted any more"
	case kind == 1: // a whole folder
		folder := filepath.Dir(here[d.rand.IntN(len(here))].rel)
		for _, f := range here {
			if filepath.Dir(f.rel) == folder {
				d.set(f, false)
			}
		}
		return fmt.Sprintf("all files in %s of %s go", folder, root)
	default:
		f := here[d.rand.IntN(len(here))]
		d.set(f, !f.there)
		return fmt.Sprintf("%s of %s is there: %v", f.rel, root, f.there)
	}
}

func (d *disk) set(f *diskFile, there bool) {
	if f.there == there {
		return
	}
	at := filepath.Join(f.root, filepath.FromSlash(f.rel))
	if f.there = there; !there {
		must(os.Remove(at))
		return
	}
	must(os.MkdirAll(filepath.Dir(at), 0o755))
	must(os.WriteFile(at, nil, 0o644))
}

func (d *disk) unmount(root string) {
	must(os.Rename(root, root+".away"))
	must(os.Mkdir(root, 0o755))
	d.away[root] = true
}

func (d *disk) mount(root string) {
	if !d.away[root] {
		return
	}
	must(os.RemoveAll(root)) // what a run wrote to the mount point is hidden, too
	must(os.Rename(root+".away", root))
	delete(d.away, root)
}

// must is for the disk of the test, which does not fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// rounds is how many runs a seed has on a disk that changes.
const rounds = 24

// moving is a campaign on a disk that changes while runs work.
func (s *simulation) moving() {
	d := s.newDisk()
	for round := range rounds {
		s.mu.Lock()
		d.reset()
		s.mu.Unlock()
		s.judged(s.begin, nil)
		s.judge.disk = d
		what := fmt.Sprintf("in round %d", round)
		for _, name := range []string{runName, "next"} {
			p := s.process(name)
			p.script = s.moves(p, d, &what)
			result := p.do()
			if outcome := result.Outcome; !p.isDead() && outcome != report.Skipped && !isWell(result) {
				s.judge.fail("it ended as %s/%s: %s", outcome, result.Reason, result.Message)
			}
			outliveLock()
		}
		s.mu.Lock()
		s.judge.look()
		s.mu.Unlock()
		s.verdict(what)
		if !s.failed {
			s.bringBack(what)
		}
		if s.failed {
			return
		}
	}
}

// moves changes the disk before some commands of a process, and kills one process in three.
func (s *simulation) moves(p *process, d *disk, what *string) func(int, command) *injected {
	oneIn, dies := 2+s.rand.IntN(12), 0
	if s.rand.IntN(3) == 0 {
		dies = 1 + s.rand.IntN(60)
	}
	return func(n int, c command) *injected {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.rand.IntN(oneIn) == 0 {
			*what += fmt.Sprintf("\n  before command %d of %s (%s %s): %s", n, p.run, c.Name, c.Collection, d.change())
			s.found.faults++
		}
		if n == 1 || isWrite(c) && !s.takes(c) {
			d.look()
		}
		if n != dies {
			return nil
		}
		*what += fmt.Sprintf("\n  %s is killed at command %d", p.run, n)
		p.die()
		return &strictmongo.Fault{As: strictmongo.CutAfter}
	}
}

// takes tells whether a write belongs to the removal of a batch, before which the disk is looked at: an entry of the
// journal, or a change of the library. A lock may be renewed at any time.
func (s *simulation) takes(c command) bool {
	if strings.HasSuffix(c.Collection, "_locks") {
		return true
	}
	documents, _ := c.Body.Lookup("documents").ArrayOK()
	values, _ := documents.Values()
	for _, v := range values {
		if _, entry := v.Document().Lookup("form").StringValueOK(); entry {
			return true
		}
	}
	return slices.Contains(s.layout.Collections(), c.Collection)
}

// mayGo tells whether a record that is gone may have gone.
func (j *judge) mayGo(k string) bool {
	if j.disk == nil || !j.disk.knows(k) {
		return !j.alive[k]
	}
	if j.disk.absent[k] {
		j.disk.gone[k] = true
	}
	return j.disk.gone[k]
}

func (d *disk) knows(k string) bool {
	for _, f := range d.files {
		if slices.Contains(f.records, k) {
			return true
		}
	}
	return false
}
