package cleanuporphanedfilerecords

import (
	"context"
	"fmt"
	"hash/maphash"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the records whose file is missing, and the roots that they lie in.
type facts struct {
	model names
	now   time.Time
	roots []*root
	where roots.Map
	// missing are the records whose file complete listings lack, in two looks.
	missing  []missing
	stale    []mongodb.ID // notes that are not true any more
	unplaced int64        // records that lie in no root
	pathless int64        // records without a path
	referrers
}

// names are the names from the model that the plan needs.
type names struct{ files, albums, embeddings, path, fileIDs, fileCount, cover, embedded string }

// missing is one record whose file is gone.
type missing struct {
	id    mongodb.ID
	path  mongodb.Value // as recorded, a string
	root  int
	since time.Time // when it was noted; zero: it is not
	due   bool      // it may be deleted
}

func (m missing) text() string {
	s, _ := m.path.Raw().StringValueOK()
	return s
}

type gatherer struct {
	open disk
	most int
}

func (g gatherer) gather(ctx context.Context, env tasks.Env) (facts, error) {
	known, err := env.DB.KnownRoots(ctx)
	if err != nil {
		return facts{}, err
	}
	f := facts{model: namesOf(env), now: env.Now}
	if f.roots, f.where, err = rootsOf(env, known); err != nil {
		return f, err
	}
	open := make([]openLibrary, len(f.roots))
	defer func() { closeAll(open) }()
	for i, r := range f.roots {
		if open[i], err = g.open.enter(ctx, r); err != nil {
			return f, err
		}
	}
	if troubleOf(f.roots) != nil {
		return f, nil
	}
	s, err := newScan(ctx, env, &f, open, g.most)
	if err != nil {
		return f, err
	}
	return f, s.run(ctx, env, open)
}

func closeAll(open []openLibrary) {
	for _, l := range open {
		if l != nil {
			_ = l.Close() // nothing was written through it that could be lost
		}
	}
}

func namesOf(env tasks.Env) names {
	m := env.Model
	return names{
		files: m.Files.Collection, albums: m.Albums.Collection, embeddings: m.Embeddings.Collection, path: m.Files.Path,
		fileIDs: m.Albums.Files, fileCount: m.Albums.FileCount, cover: m.Albums.Cover, embedded: m.Embeddings.File,
	}
}

// scan compares all records with all that lies on disk.
type scan struct {
	*facts
	grace time.Duration
	most  int
	index []*roots.Index // of each root
	notes mongodb.IDMap[note]
	seed  maphash.Seed
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
	env.Progress.Start("listing folders", env.DB.Estimate(ctx, f.model.files))
	defer env.Progress.Done()
	for i, r := range f.roots {
		x, err := roots.Build(ctx, r.tree(open[i]), func(names int) { env.Progress.Add(int64(names)) })
		if err != nil {
			return nil, err
		}
		s.index = append(s.index, x)
		if !x.Listed() {
			r.trouble = fmt.Sprintf("cannot be listed: %s", x.Why[0])
		}
	}
	return s, nil
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
			r.trouble = fmt.Sprintf("holds not one of the %d recorded files", r.records())
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
	env.Progress.Start("reading files", env.DB.Estimate(ctx, s.model.files))
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

// lookAgain keeps of the missing ones those that a second, exact look does not find either.
func (s *scan) lookAgain(ctx context.Context, open []openLibrary) error {
	verdicts, err := lookFor(ctx, s.facts, s.missing, open)
	if err != nil {
		return err
	}
	still := s.missing[:0]
	for i, m := range s.missing {
		r := s.roots[m.root]
		switch verdicts[i] {
		case roots.Missing:
			still = append(still, m)
			continue
		case roots.Alive:
			r.alive++
			s.forget(m.id)
		case roots.Unknown:
			r.unknown++
		}
		r.missing--
	}
	s.missing = still
	return nil
}

// lookFor judges missing records once more, by fresh listings.
func lookFor(ctx context.Context, f *facts, list []missing, open []openLibrary) ([]roots.Verdict, error) {
	verdicts := make([]roots.Verdict, len(list))
	for at, r := range f.roots {
		var files []string
		var of []int // the place in list of each file
		for i, m := range list {
			if m.root == at {
				_, file, _ := f.where.Locate(m.text())
				files, of = append(files, file), append(of, i)
			}
		}
		found, err := roots.Look(ctx, r.tree(open[at]), files)
		if err != nil {
			return nil, err
		}
		for j, v := range found {
			verdicts[of[j]] = v
		}
	}
	return verdicts, nil
}

// forget makes a note stale, if there is one.
func (s *scan) forget(id mongodb.ID) {
	if n, noted := s.notes.At(id); noted {
		n.met = false
		s.notes.Put(id, n)
	}
}

// endNotes finds the notes that are not true any more: of files that came back, and of records that are gone.
func (s *scan) endNotes() {
	for id, n := range s.notes.All() {
		if !n.met {
			s.stale = append(s.stale, id)
		}
	}
	s.notes = mongodb.IDMap[note]{}
}
