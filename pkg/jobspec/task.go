package jobspec

import (
	"fmt"
	"slices"
	"strings"
)

// Canonical task names: the same word on the command line, in spec.task, in metrics and in the documentation.
const (
	RebuildAllCounts            = "rebuild-all-counts"
	RebuildAlbumReferences      = "rebuild-album-references"
	VerifyReferences            = "verify-references"
	CleanupOrphanedRecords      = "cleanup-orphaned-records"
	BackgroundCountVerification = "background-count-verification"
	DatabaseOptimization        = "database-optimization"
	CacheCleanup                = "cache-cleanup"
	LogRotation                 = "log-rotation"
	CleanupOrphanedFileRecords  = "cleanup-orphaned-file-records"
	CleanupOldRecords           = "cleanup-old-records"
)

// Task describes one maintenance task to whoever schedules, lists or documents it.
type Task struct {
	Name string
	// Aliases are the names that the UCore FS guide uses; they are accepted on input and never printed as the name.
	Aliases []string
	// Summary is one line, without a full stop, that says what the task changes.
	Summary string
	// Database tells whether the task connects to MongoDB.
	Database bool
	// Folders are the flags, without dashes, that name the folders the task works on.
	Folders []string
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
		{Name: CleanupOrphanedRecords, Database: true, Aliases: []string{"cleanup_orphaned_records", "orphaned_cleanup"},
			Summary: "remove references to records that no longer exist"},
		{Name: BackgroundCountVerification, Database: true, Aliases: []string{"background_count_verification", "background_verification"},
			Summary: "recount a part of the library within a time budget; fix drift"},
		{Name: DatabaseOptimization, Database: true, Folders: []string{"index-dir"}, Aliases: []string{"database_optimization"},
			Summary: "compact collections, ensure indexes, rebuild FAISS index files"},
		{Name: CacheCleanup, Folders: []string{"cache-dir"}, Aliases: []string{"cache_cleanup"},
			Summary: "delete old cache files, then the oldest down to the size limit"},
		{Name: LogRotation, Folders: []string{"log-dir"}, Aliases: []string{"log_rotation"},
			Summary: "rotate large logs and delete old ones"},
		{Name: CleanupOrphanedFileRecords, Database: true, Folders: []string{"library-root"}, Aliases: []string{"cleanup_orphaned_file_records"},
			Summary: "delete records of files that are certainly gone from disk"},
		{Name: CleanupOldRecords, Database: true, Aliases: []string{"cleanup_old_records"},
			Summary: "delete finished task records and journal entries past their age"},
	}
}

// TaskByName finds a task by its name or an alias; the guide's "maintenance_" prefix is optional. The error names the
// nearest task.
func TaskByName(name string) (Task, error) {
	alias := strings.TrimPrefix(name, "maintenance_")
	for _, t := range Tasks() {
		if t.Name == name || slices.Contains(t.Aliases, alias) {
			return t, nil
		}
	}
	return Task{}, &UnknownTaskError{Name: name, Nearest: nearest(name)}
}

// UnknownTaskError says that no task has that name.
type UnknownTaskError struct{ Name, Nearest string }

func (e *UnknownTaskError) Error() string {
	return fmt.Sprintf("unknown task %q: did you mean %q? `maint-job list` shows all tasks", e.Name, e.Nearest)
}

// nearest is the task that name is the beginning of, else the one whose name takes the fewest edits to become name.
func nearest(name string) string {
	name = strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "maintenance_")), "_", "-")
	best, least := "", 1<<30
	for _, t := range Tasks() {
		if name != "" && strings.HasPrefix(t.Name, name) {
			return t.Name
		}
		if d := EditDistance(name, t.Name); d < least {
			best, least = t.Name, d
		}
	}
	return best
}

// EditDistance is the Levenshtein distance of a and b in bytes.
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
