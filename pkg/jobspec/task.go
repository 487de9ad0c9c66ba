package jobspec

import (
	"fmt"
	"slices"
	"strings"
)

// Canonical task names: the same word on the command line, in spec.task, in metrics and in the documentation.
const (
	RebuildAllCounts              = "rebuild-all-counts"
	RebuildAlbumReferences        = "rebuild-album-references"
	VerifyReferences              = "verify-references"
	CleanupOrphanedRecords        = "cleanup-orphaned-records"
	BackgroundCountVerification   = "background-count-verification"
	DatabaseOptimization          = "database-optimization"
	CacheCleanup                  = "cache-cleanup"
	LogRotation                   = "log-rotation"
	CleanupOrphanedFileRecords    = "cleanup-orphaned-file-records"
	CleanupOldRecords             = "cleanup-old-records"
	FixFileTypes                  = "fix-file-types"
	ReprocessIncompleteEmbeddings = "reprocess-incomplete-embeddings"
)

// Task describes one maintenance task to whoever schedules, lists or documents it.
type Task struct {
	Name string
	// Aliases are the names that UCore FS and its guide use; they are accepted on input and never printed as the name.
	Aliases []string
	// Summary is one line, without a full stop, that says what the task changes.
	Summary string
	// Database tells whether the task connects to MongoDB.
	Database bool
	// NoLibrary tells whether the task works in a database whatever library it holds.
	NoLibrary bool
	// Folders are the flags, without dashes, that name the folders the task works on.
	Folders []string
	// NeedsFolder tells whether the task has nothing to do without one of Folders.
	NeedsFolder bool
	// Flags are the other flags, without dashes, that not every task reads.
	Flags []string
}

// Tasks lists all tasks in the order in which documentation shows them.
func Tasks() []Task {
	return []Task{
		{Name: RebuildAllCounts, Database: true, Aliases: []string{"rebuild_all_counts"},
			Summary: "recompute the counters of tags, albums and directories; write only what differs"},
		{Name: RebuildAlbumReferences, Database: true, Aliases: []string{"rebuild_album_references"},
			Summary: "make each file's album_ids say what the manual albums say"},
		{Name: VerifyReferences, Database: true, Aliases: []string{"verify_references"},
			Summary: "report references to records that do not exist; changes nothing"},
		{Name: CleanupOrphanedRecords, Database: true, Aliases: []string{"cleanup_orphaned_records"},
			Flags:   []string{"max-delete-percent", "max-deletes", "allow-plan"},
			Summary: "remove references to records that no longer exist"},
		{Name: BackgroundCountVerification, Database: true,
			Aliases: []string{"background_count_verification", "background_verification"},
			Flags:   []string{"time-budget"},
			Summary: "recount a part of the library within a time budget; fix drift"},
		{Name: DatabaseOptimization, Database: true, Folders: []string{"index-dir"},
			Aliases: []string{"database_optimization"},
			Flags:   []string{"compact-threshold-mb", "compact-primary"},
			Summary: "compact collections, ensure indexes, rebuild FAISS index files"},
		{Name: CacheCleanup, Folders: []string{"cache-dir"}, NeedsFolder: true, Aliases: []string{"cache_cleanup"},
			Flags:   []string{"max-cache-size-gb", "max-age-days"},
			Summary: "delete old cache files, then the oldest down to the size limit"},
		{Name: LogRotation, Folders: []string{"log-dir"}, NeedsFolder: true, Aliases: []string{"log_rotation"},
			Flags:   []string{"max-log-files", "max-log-size-mb", "compress-logs", "log-copy-truncate"},
			Summary: "rotate large logs and delete old ones"},
		{Name: CleanupOrphanedFileRecords, Database: true, Folders: []string{"library-root"}, NeedsFolder: true,
			Aliases: []string{"cleanup_orphaned_file_records", "orphaned_cleanup"},
			Flags:   []string{"path-map", "max-delete-percent", "max-deletes", "grace-period", "allow-plan"},
			Summary: "delete records of files that are certainly gone from disk"},
		{Name: CleanupOldRecords, Database: true, Aliases: []string{"cleanup_old_records", "database_cleanup"},
			Flags:   []string{"task-retention-days", "journal-retention-days"},
			Summary: "delete finished task records and journal entries past their age"},
		{Name: FixFileTypes, Database: true, Aliases: []string{"fix_file_types"},
			Summary: "set the type of files that say unknown, by their extension"},
		{Name: ReprocessIncompleteEmbeddings, Database: true, Aliases: []string{"reprocess_incomplete_embeddings"},
			Summary: "queue images again that have no embedding"},
	}
}

// Restore is what `maint-job restore` does: a run like any other, but none of Tasks, so that no schedule can name it.
const Restore = "restore"

// RestoreTask describes Restore. It needs no library, so that what an earlier version deleted can be put back.
func RestoreTask() Task {
	return Task{Name: Restore, Database: true, NoLibrary: true, Summary: "put back what a run deleted or shortened; what was written since is left alone"}
}

// aliasPrefix may stand before an alias, as it does where the application registers its tasks.
const aliasPrefix = "maintenance_"

// TaskByName finds a task by its name or an alias, with or without the prefix "maintenance_". The error is an
// UnknownTaskError, which names the task that is most alike.
func TaskByName(name string) (Task, error) {
	alias := strings.TrimPrefix(name, aliasPrefix)
	for _, t := range Tasks() {
		if t.Name == name || slices.Contains(t.Aliases, alias) {
			return t, nil
		}
	}
	return Task{}, &UnknownTaskError{Name: name, Nearest: nearestTask(name)}
}

// UnknownTaskError says that no task has that name. Nearest is the task that was probably meant, empty where none is
// alike.
type UnknownTaskError struct{ Name, Nearest string }

func (e *UnknownTaskError) Error() string {
	return fmt.Sprintf("unknown task %q: %s", e.Name, e.Hint())
}

// Hint is what to write instead.
func (e *UnknownTaskError) Hint() string {
	const all = "`maint-job list` shows all tasks"
	if e.Nearest == "" {
		return all
	}
	return fmt.Sprintf("did you mean %q? %s", e.Nearest, all)
}
