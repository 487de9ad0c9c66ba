package cleanuporphanedfilerecords

import (
	"context"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// scan compares all records with all that lies on disk.
type scan struct {
	*facts
	grace time.Duration
	most  int
	index []*roots.Index // of each root
	// onDisk is how many names the index holds.
	onDisk int64
	notes  mongodb.IDMap[note]
	seed   maphash.Seed
}

// note is a note of an earlier run.
type note struct {
	first int64  // Unix milliseconds
	path  uint64 // the hash of the path that it is about
	met   bool   // the record is there, and nothing says that the note is wrong
}

func newScan(ctx context.Context, env tasks.Env, f *facts, open []openLibrary, most int) (*scan, error) {
	s := &scan{facts: f, grace: env.Options.GracePeriod, most: most, seed: maphash.MakeSeed()}
	err := env.DB.MissingNotes(ctx, func(n mongodb.MissingNote) {
		s.notes.Put(n.Record, note{first: n.FirstSeen.UnixMilli(), path: maphash.String(s.seed, n.Path)})
	})
	if err != nil {
		return nil, err
	}
	return s, s.list(ctx, env, open)
}

// list walks through all roots, from where an earlier run that was killed left off.
func (s *scan) list(ctx context.Context, env tasks.Env, open []openLibrary) error {
	env.Progress.Start("listing folders", 0)
	defer env.Progress.Done()
	walks, err := s.place.resume(ctx, func() (walks []*roots.Walk) {
		for i, r := range s.roots {
			walks = append(walks, roots.NewWalk(r.tree(open[i])))
		}
		return walks
	})
	if err != nil {
		return err
	}
	for _, w := range walks {
		err := w.Run(ctx, func(names int) error {
			env.Progress.Add(int64(names))
			return s.place.keep(ctx, walks)
		})
		if err != nil {
			return err
		}
	}
	for i, w := range walks { // not before all are kept
		x := w.Index()
		s.index, s.onDisk = append(s.index, x), s.onDisk+int64(x.Names())
		if !x.Listed() {
			s.roots[i].trouble = fmt.Sprintf("cannot be listed: %s", x.Why[0])
		}
	}
	return nil
}

func (s *scan) run(ctx context.Context, env tasks.Env, open []openLibrary) error {
	if troubleOf(s.roots) != nil {
		return nil
	}
	if err := s.records(ctx, env); err != nil {
		return err
	}
	for i, r := range s.roots {
		x := s.index[i]
		r.folders, r.why, r.mounts = int64(x.Unknown()), x.Why, x.Mounts
		if r.records() > 0 && r.alive == 0 {
			r.trouble = strings.Join(append([]string{fmt.Sprintf("holds not one of the %d recorded files", r.records())}, r.why...), "; ")
		}
	}
	if troubleOf(s.roots) != nil {
		return nil
	}
	s.index = nil // it has served, and it is large
	if err := s.lookAgain(ctx, open); err != nil {
		return err
	}
	s.endNotes()
	return s.readReferrers(ctx, env)
}

// records is the one scan over file_records.
func (s *scan) records(ctx context.Context, env tasks.Env) error {
	env.Progress.Start("reading files", s.onDisk) // about as many; to count records can cost as much as to read them
	defer env.Progress.Done()
	return env.DB.Scan(ctx, s.model.files, mongodb.ScanOptions{Fields: []string{s.model.path}}, func(doc bson.Raw) error {
		env.Progress.Add(1)
		id := mongodb.Reference(doc, "_id")
		n, noted := s.notes.At(id)
		recorded, isString := doc.Lookup(s.model.path).StringValueOK()
		stays := s.judge(doc, id, recorded, isString, n, noted)
		if noted && stays {
			n.met = true
			s.notes.Put(id, n)
		}
		return nil
	})
}

// judge counts one record, and tells whether a note about it stays.
func (s *scan) judge(doc bson.Raw, id mongodb.ID, recorded string, isString bool, n note, noted bool) bool {
	if !isString {
		s.pathless++
		return true
	}
	at, file, ok := s.where.Locate(recorded)
	if !ok {
		s.unplaced++
		return true
	}
	r := s.roots[at]
	switch s.index[at].Judge(file) {
	case roots.Alive:
		r.sawAlive(file)
		return false
	case roots.Unknown:
		r.unknown++
		return true
	}
	r.missing++
	m := missing{id: id, path: mongodb.Reference(doc, s.model.path), root: at, due: s.grace == 0}
	if noted && n.path == maphash.String(s.seed, recorded) {
		m.since = time.UnixMilli(n.first).UTC()
		m.due = !s.now.Before(m.since.Add(s.grace))
	}
	s.hold(r, m)
	return true
}

func (s *scan) hold(r *root, m missing) {
	if len(s.missing) < s.most {
		s.missing = append(s.missing, m)
		return
	}
	r.unheld++
	if m.due {
		r.unheldDue++
	}
}

// sawAlive counts a file, and keeps some as others: the first ten, then those that lie twice as far apart each time.
func (r *root) sawAlive(file string) {
	r.alive++
	if first, far := r.alive <= 10, r.alive&(r.alive-1) == 0; first || far {
		r.others = append(r.others, file)
	}
}
