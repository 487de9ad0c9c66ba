package jobspec

// FixFileTypes is a task's name.
const FixFileTypes = "fix-file-types"

func fixFileTypes() Task {
	return Task{
		Name: FixFileTypes, Aliases: []string{"fix_file_types"},
		Access: Writes, Database: true, Section: "fileTypes",
		Summary:  "set the type of files that say unknown, by their extension",
		Interval: "weekly",
		Counts:   []string{"filesChecked", "filesFixed"},
	}
}
