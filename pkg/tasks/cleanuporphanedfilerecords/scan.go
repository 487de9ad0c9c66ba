package cleanuporphanedfilerecords

import (
	"context"
	"fmt"
	"hash/maphash"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/roots"
	bsonscan "ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// comparing is what needs memory: 8 bytes for a name on disk, twice as many when all are listed, and for a note its id
// and 24 bytes.
const (
	comparing   = "comparing files with their records"
	bytesOfName = 16
	bytesOfNote = 40
)

// scan compares all records with all that lies on disk.
type scan struct {
	*facts
	env     tasks.Env
	room    *tasks.Room
	most    int
	atOnce  int // folders that are listed at once
	listing *roots.Listing
	places  map[sectionKey]int // of the sections
	last    int                // the section of the record before
	fields  judged
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

func (s *scan) finish(ctx context.Context) (err error) {
	s.kept, err = s.listing.Finish(ctx, !s.noneTrusted())
	return err
}

// newListing is the listing of a run with these roots. A saved one is nothing to a run with other options, another
// declaration or other roots, or for which a root is another than it was.
func newListing(env tasks.Env, list []*root) *roots.Listing {
	o := env.Options
	items := []string{fmt.Sprintf("library %s, limits %+v, path maps %q", env.Library.Digest, o.Limits, o.PathMaps)}
	for i, r := range list {
		item := fmt.Sprintf("root %d %q %+v without %q, trouble %q", i, r.Path, r.Identity, r.elsewhere, r.Trouble)
		items = append(items, item)
	}
	return &roots.Listing{
		Store: env.Checkpoints, Task: jobspec.CleanupOrphanedFileRecords, Plan: tasks.Digest(items),
		Now: env.Now, Elapsed: env.Elapsed,
	}
}

// list walks through all roots, from where an earlier run that was killed left off.
func (s *scan) list(ctx context.Context) error {
	s.env.Progress.StartFiles("listing folders", 0)
	defer s.env.Progress.Done()
	var trees []roots.Tree
	for _, r := range s.roots {
		trees = append(trees, r.tree(s.atOnce))
	}
	indexes, err := s.listing.Run(ctx, trees, s.listed)
	for i, x := range indexes {
		switch {
		case x == nil: // it is not open
		case x.Listed():
			s.roots[i].index, s.onDisk = x, s.onDisk+int64(x.Names())
		default:
			s.roots[i].Trouble = "cannot be listed: " + x.Failed()
		}
	}
	return err
}

// listed counts names that were listed now, or that an earlier run had listed.
func (s *scan) listed(ctx context.Context, names int64, now bool) error {
	s.env.Progress.Add(names)
	if err := s.room.Take(bytesOfName * names); err != nil || !now {
		return err
	}
	return s.env.Throttle.Files(ctx, int(names))
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
