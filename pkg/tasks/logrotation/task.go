// Package logrotation is the task log-rotation: below the log folder, its sub-folders included, it rotates each *.log that is larger
// than --max-log-size-mb, deletes all but the newest --max-log-files generations of each log, and with --compress-logs compresses them.
//
// A generation of app.log is called app.log.YYYYMMDD-HHMMSS (UTC), with .N behind it where a second needs more than one or the clock
// went back, and with .gz behind that where it is compressed: by name, generations are in the order of their rotation. Files with other
// names, such as app.log.1, are not this task's and are never touched; nor is what is no regular file.
//
// To rotate is to rename the log and to create a new, empty one with its permissions. A program that writes on in the open file
// writes into the newest generation until it reopens its log by name; no line is lost or doubled. Hence the newest generation is never
// compressed or, as one is always kept, deleted. With --log-copy-truncate, for programs that never reopen, the log is copied and then
// truncated instead: lines written between the last reading and the truncation are lost, and a run that is killed between copy and
// truncation leaves lines twice. The result warns of that.
//
// A compressed generation is written to a temporary file (.tmp), synced, renamed, and only then takes the place of the plain one. A run
// that is killed anywhere leaves every line in some file; the next one finishes or removes what was left half done.
//
// Old generations are deleted because their number was chosen: nothing is journaled, and the caps on deletions do not apply.
package logrotation

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return tasks.Task{Name: jobspec.LogRotation, Access: tasks.Deletes, Prepare: steps.Prepare}
}
