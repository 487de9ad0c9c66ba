// Package cleanuporphanedfilerecords is the task cleanup-orphaned-file-records: it deletes the file_records whose file is truly
// gone from disk, and what pointed at them: their embeddings, and their place in the file_ids and cover_id of albums.
//
// A file is gone only where a complete listing of its folder lacks it, or a complete listing further up lacks one of the folders
// on the way. A folder that is unreadable, fails, changes while it is read, or is a link or a mount point, proves nothing: all
// below it is left alone, and directoriesUnknown counts it. So is a record that lies in no --library-root; --path-map says where
// recorded paths lie on disk. Names are compared in their composed Unicode form, and without their case where the file system may
// not know it.
//
// Before that, each root must be the one it was: see roots.Known. The first run that finds recorded files alive in a root
// records what it is and, where it can, puts a marker file into it. A root that has changed, that holds none of the files
// that were there last time, or none of all recorded ones, is taken for a disk that is not mounted: the run is refused.
// Where the change is meant, remove the root's document from maintenance_roots, and the next run takes it for new.
//
// A missing file is noted first, in maintenance_missing. Its record may go when a run finds it missing again --grace-period
// after that; a file that came back loses its note, and so does a record that has another path now. With a grace period of 0
// a record goes at first sight. The caps (--max-deletes, --max-delete-percent of each root's records) count deleted records.
//
// Just before anything goes, the root is verified and the folders of the records concerned are listed once more, and a record
// goes only while its path is what it was. All that is deleted or shortened is in the journal first. References go before the
// record, so that a run that was killed between is completed by the next.
//
// A run that lists folders saves its place every ten seconds, so that one that is killed costs the listing of ten seconds, or of one
// folder where that takes longer: what was found since, 8 bytes for each name, and the folders that are still to be listed. The
// place is not looked at by a run with other roots, path maps, limits or names, where a root is another than it was, or a day after
// the listing began; a run that comes to its end removes it. A saved listing proves nothing. It is older than the run, so that a
// file that went meanwhile is noted by the next, and what it lacks is only looked for: by the same second look at folders with a
// missing file, and the same third one before the deletion, as what the run listed itself. These are made anew by every run,
// and so is the scan of the records. Where the first run in a new root is killed after it wrote the marker, the root is another.
//
// Memory: 8 bytes for each name on disk, an id for each note, and at most 50,000 missing records, of which the rest waits. There
// is one scan of file_records, and a second listing for folders with a missing file only; hack/bench has the figures.
//
// It never touches a file on disk but the marker, and no directory record. Counters of tags and directories are corrected by
// rebuild-all-counts.
package cleanuporphanedfilerecords

import (
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	return task(func(folder string) (openLibrary, error) { return files.OpenLibrary(folder) }, maxMissing, batch)
}

// maxMissing is how many missing records one run holds.
const maxMissing = 50_000

// batch is how many records go together, with all that refers to them, after one look.
const batch = 200

// opener opens a library root.
type opener func(folder string) (openLibrary, error)

// openLibrary is an open library root; files.Library is one.
type openLibrary interface {
	roots.Disk
	Identity() (files.Identity, error)
	Mark(id string) (string, error)
	Close() error
}

func task(open opener, most, batch int) tasks.Task {
	steps := tasks.Steps[facts, plan]{
		Gather: gatherer{open: open, most: most}.gather, Plan: decide, Present: present, Execute: executor{open, batch}.execute,
	}
	return tasks.Task{Name: jobspec.CleanupOrphanedFileRecords, Access: tasks.Deletes, Prepare: steps.Prepare}
}
