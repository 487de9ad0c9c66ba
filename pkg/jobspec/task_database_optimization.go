package jobspec

// DatabaseOptimization is a task's name.
const DatabaseOptimization = "database-optimization"

// DatabaseOptimizationParameters are the task's settings.
type DatabaseOptimizationParameters struct {
	CompactThresholdMB float64
	CompactPrimary     bool
	VectorsReadDays    int
}

func databaseOptimization() Task {
	return Task{
		Name: DatabaseOptimization, Aliases: []string{"database_optimization"},
		Access: Writes, Database: true,
		Summary:  "compact collections, ensure indexes, rebuild FAISS index files",
		Interval: "weekly",
		Folders:  []string{"index-dir"},
		Counts: []string{"collectionsCompacted", "bytesFreed", "indexesCreated", "indexesConflicting",
			"faissIndexesRebuilt",
			"faissIndexesSkipped", "vectorsWritten"},
		Parameters: []Parameter{{
			Flag: "compact-threshold-mb", Field: "compactThreshold", Default: "64", Unit: MiB, Most: maxMegabytes,
			Words: "how much space a collection must be expected to give back before it is compacted",
			Value: func(o *Options) any { return &o.CompactThresholdMB },
		}, {
			Flag: "compact-primary", Field: "compactPrimary",
			Words: "compact on a replica set's primary too, which blocks its writers meanwhile",
			Value: func(o *Options) any { return &o.CompactPrimary },
		}, {
			Flag: "vectors-read-days", Field: "vectorsReadDays", Default: "30", Most: maxDays,
			Words: "after how many days all vectors are read although nothing shows a change; 0: in every run",
			Value: func(o *Options) any { return &o.VectorsReadDays },
		}},
	}
}
