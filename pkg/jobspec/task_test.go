package jobspec

import (
	"slices"
	"testing"
)

func TestEveryTaskIsFoundByNameAndAlias(t *testing.T) {
	for _, task := range Tasks() {
		names := []string{task.Name}
		for _, alias := range task.Aliases {
			names = append(names, alias, "maintenance_"+alias)
		}
		for _, name := range names {
			if got, err := TaskByName(name); err != nil || got.Name != task.Name {
				t.Errorf("TaskByName(%q) = %q, %v", name, got.Name, err)
			}
		}
	}
}

func TestTheGuidesNamesAreAliases(t *testing.T) {
	for name, want := range map[string]string{
		"rebuild_all_counts":                  RebuildAllCounts,
		"rebuild_album_references":            RebuildAlbumReferences,
		"verify_references":                   VerifyReferences,
		"cleanup_orphaned_records":            CleanupOrphanedRecords,
		"orphaned_cleanup":                    CleanupOrphanedFileRecords,
		"maintenance_orphaned_cleanup":        CleanupOrphanedFileRecords,
		"database_cleanup":                    CleanupOldRecords,
		"maintenance_database_cleanup":        CleanupOldRecords,
		"background_verification":             BackgroundCountVerification,
		"maintenance_background_verification": BackgroundCountVerification,
		"background_count_verification":       BackgroundCountVerification,
		"database_optimization":               DatabaseOptimization,
		"maintenance_database_optimization":   DatabaseOptimization,
		"cache_cleanup":                       CacheCleanup,
		"maintenance_cache_cleanup":           CacheCleanup,
		"log_rotation":                        LogRotation,
		"maintenance_log_rotation":            LogRotation,
		"cleanup_orphaned_file_records":       CleanupOrphanedFileRecords,
		"cleanup_old_records":                 CleanupOldRecords,
		"fix_file_types":                      FixFileTypes,
		"maintenance_fix_file_types":          FixFileTypes,
		"reprocess_incomplete_embeddings":     ReprocessIncompleteEmbeddings,
	} {
		if got, err := TaskByName(name); err != nil || got.Name != want {
			t.Errorf("TaskByName(%q) = %q, %v; want %q", name, got.Name, err, want)
		}
	}
}

func TestNoTwoTasksShareAName(t *testing.T) {
	seen := map[string]string{}
	for _, task := range Tasks() {
		for _, name := range slices.Concat([]string{task.Name}, task.Aliases) {
			if other, twice := seen[name]; twice {
				t.Errorf("%q is %s and %s", name, other, task.Name)
			}
			seen[name] = task.Name
		}
	}
}

func TestFolders(t *testing.T) {
	o := Defaults()
	o.CacheDirs, o.LogDir, o.LibraryRoots = []string{"/cache", "/tmp/thumbs"}, "/logs", []string{"/library"}
	for name, want := range map[string][]string{
		CacheCleanup: {"/cache", "/tmp/thumbs"}, LogRotation: {"/logs"}, CleanupOrphanedFileRecords: {"/library"},
		DatabaseOptimization: nil, VerifyReferences: nil,
	} {
		task, err := TaskByName(name)
		if got := o.Folders(task); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s works on %q, want %q", name, got, want)
		}
	}
}
