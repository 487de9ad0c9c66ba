// Package cachecleanup is the task cache-cleanup: in the cache folders it deletes files that were not used for
// --max-age-days, then the least recently used ones until all folders together hold at most --max-cache-size-gb, and
// then the folders that it emptied.
//
// A file was last used at the later of its access and its modification time; where a file system records no access, the
// modification counts. A size is the length of a file, not its blocks; a file with two names counts twice. Least
// recently used goes first; of files that were used at the same instant a fixed order decides. No more goes than must:
// without the last file that goes the folders would hold too much. A limit of 0 means what it says: every file goes.
//
// Only regular files below the folders are touched (see pkg/files). A file that was used, written, renamed or created
// since the run began is left alone, and what vanishes meanwhile is no error. A folder is removed only if this run
// emptied it, never one that was empty before; one that a killed run emptied therefore stays.
//
// What is in a cache can be made again, so nothing is journaled and the caps on deletions (--max-deletes,
// --max-delete-percent) do not apply. What protects a library is that no folder that is, holds or lies in one is
// accepted: then nothing is deleted anywhere.
//
// The plan is made of one walk. Memory does not grow with the number of files: up to half a million are remembered, in
// 40 bytes each. With more, the limit between what goes and what stays is found by adding up sizes over times that are
// as coarse as they must be, and by a further walk for the one span in which it lies. The execution is one more walk,
// which looks at each file that goes once more, and judges it again, at the moment in which it goes. It looks at no
// other file, unless there were more than are remembered.
package cachecleanup

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task { return task(0, maxSeen) }

func task(workers, remembered int) tasks.Task {
	g := gatherer{workers, remembered}
	steps := tasks.Steps[facts, plan]{Gather: g.gather, Plan: decide, Present: present, Execute: execute}
	return steps.Task(jobspec.CacheCleanup)
}
