package cleanuporphanedfilerecords

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/presence"
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
	most    int // missing records that are held
	atOnce  int // folders that are listed at once
	listing *roots.Listing
	onDisk  int64 // names
	fields  judged
	notes   notes
}

func (s *scan) run(ctx context.Context) error {
	if err := tasks.InOrder(ctx, s.readNotes, s.list); err != nil {
		return err
	}
	if s.NoneTrusted() {
		return s.finish(ctx)
	}
	return tasks.InOrder(ctx, s.records, s.recheck, s.readReferrers, s.finish)
}

func (s *scan) finish(ctx context.Context) (err error) {
	s.kept, err = s.listing.Finish(ctx, !s.NoneTrusted())
	return err
}

// newListing is the listing of a run with these roots. A saved one is nothing to a run with other options, another
// declaration or other roots, or for which a root is another than it was.
func newListing(env tasks.Env, survey *presence.Survey) *roots.Listing {
	o := env.Options
	items := append(survey.Texts(), fmt.Sprintf("library %s, limits %+v, path maps %q", env.Library.Digest, o.Limits,
		o.PathMaps))
	return &roots.Listing{
		Store: env.Checkpoints, Task: jobspec.CleanupOrphanedFileRecords, Plan: tasks.Digest(items),
		Now: env.Now, Elapsed: env.Elapsed,
	}
}

func (s *scan) readNotes(ctx context.Context) error {
	if err := s.notes.read(ctx, s.env.DB); err != nil {
		return err
	}
	return s.room.Take(bytesOfNote * int64(s.notes.of.Len()))
}

// list walks through all roots, from where an earlier run that was killed left off.
func (s *scan) list(ctx context.Context) (err error) {
	s.env.Progress.StartFiles("listing folders", 0)
	defer s.env.Progress.Done()
	s.onDisk, err = s.List(ctx, s.listing, s.atOnce, s.listed)
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
	defer s.EndJudging()
	s.fields = newJudged(s.library.Files)
	o := mongodb.ScanOptions{Fields: judgedBy(s.library.Files)}
	return s.env.DB.Scan(ctx, s.library.Files.Collection, o, func(doc bson.Raw) error {
		s.env.Progress.Add(1)
		s.record(s.fields.Read(doc))
		return nil
	})
}

// record judges one record. A note about it stays, unless its file is there or it has none.
func (s *scan) record(row bsonscan.Row) {
	if s.fields.fileless(row) {
		s.fileless++
		return
	}
	id, verdict, section := bsonvalue.Of(row[bsonscan.ID]), roots.Unknown, 0
	recorded, isString := row[s.fields.path].StringValueOK()
	if isString {
		verdict, section = s.Judge(recorded)
	} else {
		s.pathless++
	}
	if verdict == roots.Alive {
		return
	}
	s.notes.met(id, true)
	if verdict == roots.Missing {
		m := presence.Missing{Record: id, Path: recorded, Section: section, Noted: s.notes.since(id, recorded)}
		s.Hold(m, s.most, s.isDue(m))
	}
}

// recheck looks at the missing files once more; then it is known which notes are stale.
func (s *scan) recheck(ctx context.Context) error {
	alive, err := s.Recheck(ctx)
	for _, record := range alive {
		s.notes.met(record, false)
	}
	s.stale, s.notes = s.notes.stale(), notes{}
	return err
}

// readReferrers finds out who refers to the records that are due.
func (s *scan) readReferrers(ctx context.Context) (err error) {
	var due []bsonvalue.ID
	for _, m := range s.Missing {
		if s.isDue(m) {
			due = append(due, m.Record)
		}
	}
	s.referrers, err = references.Gather(ctx, s.env.DB, s.library, s.library.Files.Collection, due, s.env.Progress)
	return err
}

// isDue asks the plan which records it is going to delete: to read who refers to all others would be in vain.
func (s *scan) isDue(m presence.Missing) bool {
	return stageOf(m.Noted, s.now, s.env.Options.GracePeriod) == due
}

// judgedBy are the fields by which a record is judged.
func judgedBy(files *library.Files) []string { return append(files.Without.Fields(), files.Path) }

// judged finds these fields in a record.
type judged struct {
	*bsonscan.Fields
	path    int
	without bsonscan.Where
}

func newJudged(files *library.Files) judged {
	fields := bsonscan.NewFields()
	return judged{fields, fields.Position(files.Path), fields.Where(files.Without)}
}

// fileless tells whether a record has no file by declaration, as far as its flag can be read.
func (j judged) fileless(row bsonscan.Row) bool { return len(j.without) > 0 && j.without.MayMatch(row) }
