package jobspec

// VerifyReferences is a task's name.
const VerifyReferences = "verify-references"

func verifyReferences() Task {
	return Task{
		Name: VerifyReferences, Aliases: []string{"verify_references"},
		Access: ReadOnly, Database: true, Shared: true, Section: "references", LooksTwice: true,
		Summary:  "report references to records that do not exist; change nothing",
		Interval: "daily",
		Counts: []string{"filesChecked", "brokenTagRefs", "brokenAlbumRefs", "brokenDirRefs", "brokenFileRefs",
			"brokenParentRefs", "brokenEmbeddingRefs"},
	}
}
