package jobspec

// CleanupOrphanedRecords is a task's name.
const CleanupOrphanedRecords = "cleanup-orphaned-records"

func cleanupOrphanedRecords() Task {
	return Task{
		Name: CleanupOrphanedRecords, Aliases: []string{"cleanup_orphaned_records"},
		Access: Deletes, Database: true, Section: "references",
		Summary:  "remove references to records that no longer exist",
		Interval: "weekly",
		Limits:   []string{"max-delete-percent", "max-deletes", "allow-plan"},
		Counts: []string{"filesCleaned", "tagRefsRemoved", "albumRefsRemoved", "albumsCleaned", "fileRefsRemoved",
			"embeddingsRemoved"},
	}
}
