// Package cleanuporphanedfilerecords is the task cleanup-orphaned-file-records: it deletes the records of files that
// are certainly gone from disk, and by the library's declaration what depends on these records and refers to them.
//
// A file is missing only if two proofs agree. A complete listing of its folder lacks it, or a complete listing further
// up lacks one of the folders on the way; and the disk, asked for the very name that is recorded, does not find it. A
// folder that is unreadable, fails, changes while it is read, or is a link or a mount point, proves nothing: records
// below it are left alone, and directoriesUnknown counts it. Names are compared in their composed Unicode form, and
// without their case where the file system may fold it. pkg/presence has all of that.
//
// Records are judged in the roots that --library-root names, or else in those that the library itself records and that
// exist here; --path-map says where recorded paths lie on disk. A record in no root is not judged, nor one that has no
// file by declaration, nor one whose path has U+FFFD in it, since the name on disk is another then. The run is Partial
// where the roots and path maps do not match the recorded paths: see roots.Placement.
//
// Each root must be the one it was: see roots.Known. The first run that finds recorded files alive in a root records
// what it is and, where it can, puts a marker file into it. A root that has changed, that has none of the files that
// were there last time, or none of all recorded ones, is taken for a disk that is not mounted. Its records are unknown,
// and the run is Partial, or Refused if there is no other root. If the change is intended, a person accepts the root by
// the digest of its state: with --allow-plan, or with maint-job roots accept. Likewise, if a folder of a root is a root
// by the library's own records, or a path map leads somewhere, and not one file is alive there, its records are
// unknown.
//
// A missing file is noted first, in maintenance_missing. Its record may go when a run finds it missing again
// --grace-period after that, by the database server's clock; a file that came back loses its note, and so does a record
// that has another path now. With a grace period of 0 a record goes at first sight. The caps (--max-deletes,
// --max-delete-percent of the judged records of each root) count deleted records.
//
// Records are deleted in batches. Before each batch the folders of its files are listed once more, the disk is asked
// again, and the records are read again. Then documents that depend on the batch's records are deleted, other
// references to them are removed, and last the records themselves are deleted; all of it is in the journal first. So a
// run that is killed anywhere is completed by the next, and nothing but one batch is ever without its references.
//
// A run that lists folders saves its place every ten seconds, so that one that is killed costs the listing of ten
// seconds, or of one folder where that takes longer: what was found since, 8 bytes for each name, and the folders that
// are still to be listed. A run with other roots, path maps, limits or another declaration does not use it, nor one for
// which a root is another than it was, or a day after the listing began, or an hour after it served a run that was not
// carried out; a run that comes to its end removes it. A saved listing proves nothing. It is older than the run, so
// that a file that went meanwhile is noted by the next, and what it lacks is only looked for: by the same second look
// at folders with a missing file, and the same third one before the deletion, as what the run listed itself. These are
// made anew by every run, and so is the scan of the records. If the first run in a new root is killed after it wrote
// the marker, the root is another.
//
// Several folders of a root are listed at once, ahead of the walk that judges them; what is listed ahead when a run is
// killed is listed again.
//
// Memory: 8 bytes for each name on disk (16 for a moment, when all are listed), an id for each note, and at most 50,000
// missing records with the ids of what refers to them; further ones wait. There is one scan of the records, and a
// second listing for folders with a missing file only; hack/bench has the figures.
//
// The package never touches a file on disk but the marker, and no directory record. Counters of tags and directories
// are corrected by rebuild-all-counts.
package cleanuporphanedfilerecords

import (
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	open := func(folder string) (presence.Disk, error) { return files.OpenLibrary(folder) }
	return settings{open, maxMissing, batch, atOnce}.task()
}

// atOnce is how many folders are listed at once. On a local disk as many are being listed as there are processors; on
// one that is slow to answer, the others wait for it.
const atOnce = 16

// maxMissing is how many missing records one run holds.
const maxMissing = 50_000

// batch is how many records go together, with all that refers to them, after one look.
const batch = 200

// settings are what tests make small, or fail.
type settings struct {
	open                presence.Open
	most, batch, atOnce int
}

func (s settings) task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: s.gather, Plan: decide, Present: present, Execute: s.execute,
		Remember: rememberMounts}
	return steps.Task(jobspec.CleanupOrphanedFileRecords)
}
