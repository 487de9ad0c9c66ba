package cachecleanup_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/report"
)

// generate fills two folders: files in folders in folders, many of the same time, some accessed at another time than
// written, some empty.
func generate(t *testing.T, random *rand.Rand, folders [2]string) {
	for i := range random.IntN(70) {
		name := folders[random.IntN(2)]
		for range random.IntN(4) {
			name = filepath.Join(name, fmt.Sprintf("d%d", random.IntN(3)))
		}
		name = filepath.Join(name, fmt.Sprintf("f%d", i))
		now := time.Now()
		written := now.Add(-time.Duration(random.Int64N(int64(60 * day))))
		if random.IntN(3) == 0 {
			written = now.Add(-time.Duration(random.IntN(6)) * 10 * day).Truncate(time.Hour)
		}
		put(t, name, random.Int64N(4)*random.Int64N(1000), written)
		if random.IntN(3) == 0 {
			accessed := written.Add(time.Duration(random.Int64N(int64(40*day))) - 20*day)
			if err := os.Chtimes(name, accessed, written); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// wanted is what stays: the obvious way. Of files of the same time as the last that goes, it does not say which.
func wanted(all []stored, oldest time.Time, most int64) (stay []stored, tied time.Time) {
	for len(all) > 0 && all[0].used.Before(oldest) {
		all = all[1:]
	}
	for size(all) > most {
		tied, all = all[0].used, all[1:]
	}
	return all, tied
}

// Seen to fail when files were judged by their modification alone, when by their access alone, when sizes were
// added up for each folder instead of all, and when a whole group of files of one time went.
func TestWhatStaysIsWhatAnObviousCleanerKeeps(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 3))
		folders := [2]string{t.TempDir(), t.TempDir()}
		generate(t, random, folders)
		before := list(t, folders[:]...)
		o := options(folders[:]...)
		o.MaxAgeDays = random.IntN(80)
		most := random.Int64N(size(before) + 100)
		o.MaxCacheSizeGB = shrinkTo(most)

		oldest := time.Now().AddDate(0, 0, -o.MaxAgeDays)
		v := variants[seed%uint64(len(variants))]
		plan, done := v.clean(t, o)
		after := list(t, folders[:]...)
		want, tied := wanted(before, oldest, most)
		check(t, seed, before, after, want, tied, most)
		gone := int64(len(before) - len(after))
		counts := report.Counts{"filesScanned": int64(len(before)), "filesDeleted": gone,
			"bytesFreed": size(before) - size(after), "bytesKept": size(after)}
		if diff := cmp.Diff([]report.Counts{counts, counts}, []report.Counts{plan.Counts, done.Counts}); diff != "" {
			t.Errorf("seed %d: counts of the plan and of what was done: %s", seed, diff)
		}
		if plan, _ := clean(t, o); plan.Counts["filesDeleted"] != 0 {
			t.Errorf("seed %d: the second run deletes %d more", seed, plan.Counts["filesDeleted"])
		}
	}
}

// check compares all but the files of the time at which the size was reached; of those as few are gone as possible in
// some order.
func check(t *testing.T, seed uint64, before, after, want []stored, tied time.Time, most int64) {
	t.Helper()
	others := func(files []stored) map[string]bool {
		names := map[string]bool{}
		for _, f := range files {
			if !f.used.Equal(tied) {
				names[f.name] = true
			}
		}
		return names
	}
	if diff := cmp.Diff(others(want), others(after)); diff != "" {
		t.Fatalf("seed %d: files that stay: %s", seed, diff)
	}
	if size(after) > most {
		t.Fatalf("seed %d: %d bytes are left, %d may be", seed, size(after), most)
	}
	if tied.IsZero() {
		return
	}
	stays := map[string]bool{}
	for _, f := range after {
		stays[f.name] = true
	}
	needed := false
	for _, f := range before {
		needed = needed || f.used.Equal(tied) && !stays[f.name] && size(after)+f.size > most
	}
	if !needed {
		t.Fatalf("seed %d: more went than had to", seed)
	}
}
