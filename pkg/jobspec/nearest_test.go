package jobspec

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestAnUnknownTaskNamesTheOneThatIsMostAlike(t *testing.T) {
	for name, nearest := range map[string]string{
		"verify":                       VerifyReferences,
		"verfy":                        VerifyReferences,
		"verify-referense":             VerifyReferences,
		"rebuild-all-count":            RebuildAllCounts,
		"rebuild-counts":               RebuildAllCounts,
		"REBUILD_ALL_COUNTS":           RebuildAllCounts,
		"rebuild-al":                   RebuildAllCounts,
		"rebuild album references":     RebuildAlbumReferences,
		"maintenance_cache_cleanupp":   CacheCleanup,
		"cache":                        CacheCleanup,
		"cachecleanup":                 CacheCleanup,
		"log-rotate":                   LogRotation,
		"rotation":                     LogRotation,
		"optimisation":                 DatabaseOptimization,
		"background":                   BackgroundCountVerification,
		"cleanup-orphaned-file-record": CleanupOrphanedFileRecords,
		"orphans_cleanup":              CleanupOrphanedFileRecords,
		"database_clean":               CleanupOldRecords,
		"Maintenance_Database_Cleanup": CleanupOldRecords,
		"file_types":                   FixFileTypes,
		"embeddings":                   ReprocessIncompleteEmbeddings,
		"everywhere-else":              "",
		"xyz":                          "",
		"nope":                         "",
		"x":                            "",
		"logs":                         LogRotation,
		"maintenance_":                 "",
		"":                             "",
	} {
		_, err := TaskByName(name)
		var unknown *UnknownTaskError
		if !errors.As(err, &unknown) {
			t.Fatalf("TaskByName(%q) = %v", name, err)
		}
		if unknown.Nearest != nearest {
			t.Errorf("the nearest to %q is %q, want %q", name, unknown.Nearest, nearest)
		}
	}
}

func TestAnUnknownTaskIsAnErrorThatSaysWhatToWrite(t *testing.T) {
	for name, says := range map[string]string{
		"verfy": "unknown task \"verfy\": did you mean \"verify-references\"? `maint-job list` shows all tasks",
		"xyz":   "unknown task \"xyz\": `maint-job list` shows all tasks",
	} {
		if _, err := TaskByName(name); err == nil || err.Error() != says {
			t.Errorf("got %v, want %s", err, says)
		}
	}
}

// Seen to fail with Alike.
func TestAFlagIsAlikeOnlyInMostOfWhatWasTyped(t *testing.T) {
	names := []string{"wait", "client-certificate", "certificate-authority", "all-namespaces", "timeout"}
	for typed, want := range map[string]string{
		"wiat": "wait", "al": "all-namespaces", "all-ns": "all-namespaces", "time-out": "timeout",
		"certificat": "client-certificate certificate-authority", "x": "", "": "",
	} {
		var alike []string
		for _, name := range names {
			if AlikeFlag(typed, name) {
				alike = append(alike, name)
			}
		}
		if got := strings.Join(alike, " "); got != want {
			t.Errorf("%q is like %q, want %q", typed, got, want)
		}
	}
}

func TestNamesAreRankedByLikeness(t *testing.T) {
	names := []string{"cache-cleanup", "counts-weekly", "counts-nightly", "old-records"}
	for typed, first := range map[string]string{
		"counts-nightli": "counts-nightly", "nightly": "counts-nightly",
		"counts-week": "counts-weekly", "count": "counts-weekly",
		"old": "old-records", "cach": "cache-cleanup",
	} {
		ranked := MostAlike(typed, names)
		if ranked[0] != first || len(ranked) != len(names) {
			t.Errorf("for %q: %q, want %q first", typed, ranked, first)
		}
	}
	if !slices.Equal(names, []string{"cache-cleanup", "counts-weekly", "counts-nightly", "old-records"}) {
		t.Errorf("the caller's list was sorted: %q", names)
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		whole, part int
	}{
		{"", "", 0, 0}, {"abc", "", 3, 3}, {"", "abc", 3, 0}, {"verfy", "verify", 1, 1}, {"ab", "xaby", 2, 0},
		{"kitten", "sitting", 3, 2},
	} {
		if whole, part := EditDistance(c.a, c.b), partDistance(c.a, c.b); whole != c.whole || part != c.part {
			t.Errorf("%q and %q: %d and %d, want %d and %d", c.a, c.b, whole, part, c.whole, c.part)
		}
	}
}
