package jobspec

// Tasks are all tasks, in the order in which lists and the documentation show them.
func Tasks() []Task {
	return []Task{
		rebuildAllCounts(),
		rebuildAlbumReferences(),
		verifyReferences(),
		cleanupOrphanedRecords(),
		backgroundCountVerification(),
		databaseOptimization(),
		cacheCleanup(),
		logRotation(),
		cleanupOrphanedFileRecords(),
		cleanupOldRecords(),
		fixFileTypes(),
		reprocessIncompleteEmbeddings(),
	}
}

// Parameters are the values of the tasks' own settings.
type Parameters struct {
	BackgroundCountVerificationParameters
	DatabaseOptimizationParameters
	CacheCleanupParameters
	LogRotationParameters
	CleanupOrphanedFileRecordsParameters
	CleanupOldRecordsParameters
}
