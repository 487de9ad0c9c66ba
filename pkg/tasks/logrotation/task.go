// Package logrotation is the task log-rotation. In the log folder and its sub-folders it
//
//   - rotates each *.log that is larger than --max-log-size-mb and keeps the newest --max-log-files generations of
//     it;
//   - keeps the newest --max-log-files of each family of whole log files, which a program leaves that starts a new
//     file at each start;
//   - with --compress-logs compresses generations, with --compress-zstd by zstd instead of gzip.
//
// A generation of app.log is called app.log.YYYYMMDD-HHMMSS (UTC). A suffix .N is added if a second needs more than
// one name or the clock went back, and then .gz or .zst if it is compressed, so that names sort in the order of
// rotation. All other files, such as app.log.1, and everything that is not a regular file are left alone.
//
// A family is the whole log files in one folder whose names differ only in a time, such as
// app_2025-12-17_21-37-01_097859.log as UCore FS makes them; or only in a number, if each file was created after the
// last write to the one before it. worker-1.log and worker-2.log, which two programs write at the same time, are not
// a family. The newest are those with the latest write. A file is deleted together with its generations and with what
// another program made of it, such as app_2026-01-31.log.1 and app_2026-01-31.log.gz.
//
// No file is deleted or compressed while a program has it open for writing. The kernel tells, for programs in other
// containers too, if this user owns the file and the file system is a local one. Otherwise a file counts as being
// written until a day after its last write; generations beyond --max-log-files are then deleted all the same.
//
// Package logfile makes the changes: a run that is killed anywhere leaves every line in some file, and the next one
// finishes or removes what was left half done.
//
// Old logs are deleted because their number was configured: nothing is journaled, and the caps on deletions do not
// apply.
package logrotation

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return steps.Task(jobspec.LogRotation)
}
