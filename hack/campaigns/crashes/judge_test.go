package crashes

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// judge checks the safety rules at each step. The simulation's lock guards it.
type judge struct {
	s *simulation
	// versions are all that the application wrote of each document, the last one last.
	versions map[string][]string
	// allowed are the states that documents had in the undisturbed run, from its beginning to its end; nil while that is
	// under way.
	allowed map[string]map[string]bool
	broken  map[librarytest.Dangling]bool // that led nowhere at the beginning
	alive   map[string]bool               // records whose files are on disk
	disk    *disk                         // that changes while runs work; nil: none does
	seen    map[string]map[string]bool    // the states that were met
	dirty   int                           // so many steps are still to be checked in full
	tainted bool                          // the application wrote: no end state is known
	written map[string]string             // the field that the application wrote last
	faulted []string                      // what was found wrong, once each
}

// judged begins to judge: what is there now is what the application wrote.
func (s *simulation) judged(m moment, allowed map[string]map[string]bool) {
	s.goTo(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	j := &judge{s: s, versions: map[string][]string{}, allowed: allowed, broken: map[librarytest.Dangling]bool{},
		seen: map[string]map[string]bool{}, alive: map[string]bool{}, written: map[string]string{}}
	for k, doc := range s.origin {
		j.versions[k] = []string{doc}
	}
	for _, b := range s.originBroken {
		j.broken[b] = true
	}
	if s.scenario.files {
		j.alive = s.aliveRecords()
	}
	j.dirty, s.judge = 2, j
}

// aliveRecords are the records of files that the generator wrote.
func (s *simulation) aliveRecords() map[string]bool {
	gone := map[string]bool{}
	for _, g := range s.library.Missing {
		gone[librarytest.KeyOf(g.ID)] = true
	}
	alive := map[string]bool{}
	for _, doc := range s.library.Raw()["file_records"] {
		if k := librarytest.Key(doc.Lookup("_id")); !gone[k] {
			alive["file_records "+k] = true
		}
	}
	return alive
}

// fail notes what is wrong.
func (j *judge) fail(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(j.faulted, text) {
		j.faulted = append(j.faulted, text)
	}
}

// step looks at everything before a command of a process is carried out, as if the process died now.
func (j *judge) step(p *process, c strictmongo.Command) {
	if writes(c) {
		j.lock(p, c)
	}
	if j.dirty > 0 {
		j.dirty--
		j.look()
	}
	if isWrite(c) {
		j.dirty = 2
	}
}

// look checks the rules on what is stored.
func (j *judge) look() {
	now := j.s.state()
	journal := j.entries()
	for k, versions := range j.versions {
		doc, there := now[k]
		if !there || doc != versions[len(versions)-1] {
			j.changed(k, doc, there, versions, journal)
		}
		j.met(k, doc)
	}
	for k, doc := range now {
		if _, known := j.versions[k]; !known && !j.isQueued(k) && j.s.restorable[k] != doc {
			j.fail("%s came from nowhere: %v", k, bson.Raw(doc))
		}
	}
	j.references()
}

func (j *judge) met(k, doc string) {
	if j.seen[k] == nil {
		j.seen[k] = map[string]bool{}
	}
	j.seen[k][doc] = true
}

// isQueued tells whether a document may be new: the application's work is queued with its tasks.
func (j *judge) isQueued(k string) bool {
	return j.s.scenario.name == "embeddings" && strings.HasPrefix(k, "task")
}

// changed judges a document that is not as the application wrote it last.
func (j *judge) changed(k, doc string, there bool, versions []string, journal map[string]bool) {
	switch {
	case !there && !j.mayGo(k):
		j.fail("%s is gone, and its file is there", k)
	case j.allowed != nil && !j.tainted && !j.allowed[k][doc]:
		j.fail("%s is as it never was in the undisturbed run: %v", k, bson.Raw(doc))
	}
	if !j.s.scenario.journaled {
		if there && j.overwritten(k, doc) && j.s.scenario.undoes {
			j.fail("%s lost what the application wrote: %v", k, bson.Raw(doc))
		}
		return
	}
	undoable := versions // a restore leaves a document alone that was written meanwhile, and says so
	if wrote := j.written[k]; !there && wrote != "" || there && j.overwritten(k, doc) {
		undoable = versions[len(versions)-1:]
	}
	if !slices.ContainsFunc(undoable, func(v string) bool { return journal[k+digest(v)] }) {
		j.fail("%s is not as the application wrote it last, and the journal does not lead back (it is there: %v)", k, there)
	}
}

// overwritten tells whether what the application wrote last is there no more.
func (j *judge) overwritten(k, doc string) bool {
	field, wrote := j.written[k]
	versions := j.versions[k]
	last := bson.Raw(versions[len(versions)-1])
	return wrote && !bson.Raw(doc).Lookup(field).Equal(last.Lookup(field))
}

func digest(doc string) string { d := sha256.Sum256([]byte(doc)); return string(d[:]) }

// entries are the complete entries of the journal: the key of the document and the digest of what it was.
func (j *judge) entries() map[string]bool {
	entries := map[string]bool{}
	for _, e := range j.s.server.Documents(database, mongodb.JournalCollection) {
		collection, _ := e.Lookup("collection").StringValueOK()
		_, was, _ := e.Lookup("was").BinaryOK()
		if form, _ := e.Lookup("form").StringValueOK(); form != "" {
			entries[collection+" "+librarytest.Key(e.Lookup("document"))+string(was)] = true
		}
	}
	return entries
}

// references must not lead to what a run deleted: who refers to a record loses it first.
func (j *judge) references() {
	if j.s.scenario.task != "cleanup-orphaned-file-records" || j.tainted {
		return
	}
	report := map[string]bool{}
	for _, r := range j.s.layout.References() {
		report[r.From+" "+r.Field] = r.Dangling == librarytest.Report
	}
	for _, b := range j.s.layout.Broken(j.s.docs()) {
		if !j.broken[b] && !report[b.Collection+" "+b.Field] {
			j.fail("%s %s refers to %s, which went first", b.Collection, b.ID, b.Target)
		}
	}
}

// mayBeLate is how many writes of a process may come after it lost the lock: the one that it was about to send.
const mayBeLate = 1

// lock checks that whoever writes holds the lock, and nobody else.
func (j *judge) lock(p *process, c strictmongo.Command) {
	held, other := false, ""
	now := time.Now()
	for _, doc := range j.s.server.Documents(database, mongodb.LocksCollection) {
		var r lock.Record
		if bson.Unmarshal(doc, &r) != nil || r.Waiting || !r.ExpiresAt.After(now) {
			continue
		}
		if r.Run == p.run && r.Host == p.host {
			held = true
			continue
		}
		other = r.Run
	}
	if held && other == "" {
		return
	}
	if p.without++; p.without > mayBeLate {
		j.fail("%s sent %s %s without the lock (it has a lock: %v; another has one: %q)", p.run, c.Name, c.Collection, held,
			other)
	}
}
