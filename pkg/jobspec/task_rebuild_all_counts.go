package jobspec

// RebuildAllCounts is a task's name.
const RebuildAllCounts = "rebuild-all-counts"

func rebuildAllCounts() Task {
	return Task{
		Name: RebuildAllCounts, Aliases: []string{"rebuild_all_counts"},
		Access: Writes, Database: true, Shared: true, Section: "counters", LooksTwice: true,
		Summary:  "recompute the counters of tags, albums and directories; write only what differs",
		Interval: "nightly",
		Counts:   []string{"filesScanned", "tagsUpdated", "albumsUpdated", "directoriesUpdated"},
	}
}
