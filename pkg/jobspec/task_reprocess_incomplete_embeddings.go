package jobspec

// ReprocessIncompleteEmbeddings is a task's name.
const ReprocessIncompleteEmbeddings = "reprocess-incomplete-embeddings"

func reprocessIncompleteEmbeddings() Task {
	return Task{
		Name: ReprocessIncompleteEmbeddings, Aliases: []string{"reprocess_incomplete_embeddings"},
		Access: Writes, Database: true, Section: "incomplete",
		Summary:  "queue images again that have no embedding",
		Interval: "weekly",
		Counts:   []string{"filesChecked", "filesReset", "tasksQueued"},
	}
}
