package jobspec

// CleanupOldRecords is a task's name.
const CleanupOldRecords = "cleanup-old-records"

// CleanupOldRecordsParameters are the task's settings.
type CleanupOldRecordsParameters struct {
	TaskRetentionDays    int
	JournalRetentionDays int
}

func cleanupOldRecords() Task {
	return Task{
		Name: CleanupOldRecords, Aliases: []string{"cleanup_old_records", "database_cleanup"},
		Access: Deletes, Database: true, Section: "expiring",
		Summary:  "delete finished task records and journal entries past their age",
		Interval: "daily",
		Counts:   []string{"tasksDeleted", "journalDeleted"},
		Parameters: []Parameter{{
			Flag: "task-retention-days", Field: "taskRetentionDays", ConfigKey: "task_retention_days",
			Default: "30", Most: maxDays,
			Words: "the age in days past which finished task records are deleted",
			Value: func(o *Options) any { return &o.TaskRetentionDays },
		}, {
			Flag: "journal-retention-days", Field: "journalRetentionDays", ConfigKey: "journal_retention_days",
			Default: "90", Most: maxDays,
			Words: "the age in days past which journal entries are deleted",
			Value: func(o *Options) any { return &o.JournalRetentionDays },
		}},
	}
}
