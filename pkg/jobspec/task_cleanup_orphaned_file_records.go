package jobspec

// CleanupOrphanedFileRecords is a task's name.
const CleanupOrphanedFileRecords = "cleanup-orphaned-file-records"

// CleanupOrphanedFileRecordsParameters are the task's settings.
type CleanupOrphanedFileRecordsParameters struct {
	PathMaps []string
}

func cleanupOrphanedFileRecords() Task {
	return Task{
		Name: CleanupOrphanedFileRecords, Access: Deletes, Database: true, Section: "files",
		Aliases:  []string{"cleanup_orphaned_file_records", "orphaned_cleanup"},
		Summary:  "delete records of files that are certainly gone from disk",
		Interval: "weekly",
		Folders:  []string{"library-root"}, NeedsFolder: true,
		Limits: []string{"max-delete-percent", "max-deletes", "grace-period", "allow-plan"},
		Counts: []string{"filesChecked", "recordsMissing", "recordsDeleted", "directoriesUnknown"},
		Parameters: []Parameter{{
			Flag: "path-map", Field: "pathMaps",
			Words: "where recorded paths are found, for paths that were recorded on another machine",
			Value: func(o *Options) any { return &o.PathMaps },
		}},
	}
}
