package jobspec

// RebuildAlbumReferences is a task's name.
const RebuildAlbumReferences = "rebuild-album-references"

func rebuildAlbumReferences() Task {
	return Task{
		Name: RebuildAlbumReferences, Aliases: []string{"rebuild_album_references"},
		Access: Writes, Database: true, Section: "mirrors",
		Summary:  "make each file's album_ids say what the manual albums say",
		Interval: "nightly",
		Counts:   []string{"albumsProcessed", "filesUpdated", "referencesAdded", "referencesRemoved"},
	}
}
