package cleanuporphanedfilerecords

import (
	"context"
	"hash/maphash"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/roots"
	bsonscan "ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// scan compares all records with all that lies on disk.
type scan struct {
	*facts
	env    tasks.Env
	most   int
	atOnce int // folders that are listed at once
	place  *place
	places map[sectionKey]int // of the sections
	last   int                // the section of the record before
	fields judged
	// onDisk is how many names the index holds.
	onDisk int64
	notes  bsonvalue.IDMap[note]
	seed   maphash.Seed
}

func (s *scan) run(ctx context.Context) error {
	if err := tasks.InOrder(ctx, s.readNotes, s.list); err != nil {
		return err
	}
	if s.noneTrusted() {
		return s.finish(ctx)
	}
	return tasks.InOrder(ctx, s.records, s.recheck, s.readReferrers, s.finish)
}

func (s *scan) finish(ctx context.Context) error {
	err := s.place.finish(ctx, !s.noneTrusted())
	s.kept = s.place.used
	return err
}

// list walks through all roots, from where an earlier run that was killed left off.
func (s *scan) list(ctx context.Context) error {
	s.env.Progress.Start("listing folders", 0)
	defer s.env.Progress.Done()
	walks, err := s.place.resume(ctx, func() []*roots.Walk {
		walks := make([]*roots.Walk, len(s.roots))
		for i, r := range s.roots {
			if r.disk != nil {
				walks[i] = roots.NewWalk(r.tree(s.atOnce))
			}
		}
		return walks
	})
	if err != nil {
		return err
	}
	for _, w := range walks {
		if w == nil {
			continue
		}
		err := w.Run(ctx, func(names int) error {
			s.env.Progress.Add(int64(names))
			return s.place.keep(ctx, walks)
		})
		if err != nil {
			return err
		}
	}
	for i, w := range walks { // not before all are kept
		if w == nil {
			continue
		}
		if x := w.Index(); x.Listed() {
			s.roots[i].index, s.onDisk = x, s.onDisk+int64(x.Names())
		} else {
			s.roots[i].trouble = "cannot be listed: " + x.Failed()
		}
	}
	return nil
}

// records is the one scan over the records of files.
func (s *scan) records(ctx context.Context) error {
	s.env.Progress.Start("reading files", s.onDisk) // about as many; to count records can cost as much as to read them
	defer s.env.Progress.Done()
	s.places, s.fields = map[sectionKey]int{}, newJudged(s.library.Files)
	o := mongodb.ScanOptions{Fields: s.judgedBy()}
	err := s.env.DB.Scan(ctx, s.library.Files.Collection, o, func(doc bson.Raw) error {
		s.env.Progress.Add(1)
		row := s.fields.Read(doc)
		id := bsonvalue.Of(row[bsonscan.ID])
		n, noted := s.notes.At(id)
		if stays := s.classify(row, id, n, noted); noted && stays {
			n.met = true
			s.notes.Put(id, n)
		}
		return nil
	})
	for _, r := range s.roots {
		if x := r.index; x != nil {
			r.folders, r.why, r.mounts = int64(x.Unknown()), x.Why, x.Mounts
		}
		r.index = nil // it has served, and it is large
	}
	return err
}

// readReferrers finds out who refers to the records that are due.
func (s *scan) readReferrers(ctx context.Context) (err error) {
	var due []bsonvalue.ID
	for _, m := range s.missing {
		if m.due {
			due = append(due, m.id)
		}
	}
	s.referrers, err = references.Gather(ctx, s.env.DB, s.library, s.library.Files.Collection, due, s.env.Progress)
	return err
}
