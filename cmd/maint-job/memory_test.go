package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// heavy is a library of albums with many files, each file in another half of the albums: no two files share a set of
// albums, and each album also has an id of a file that does not exist.
type heavy struct {
	*strict
	albums, files, references int64
}

// newHeavy makes 100 albums of 6,000 files; MEMORY_ALBUMS and MEMORY_FILES say otherwise, of which the second is twice
// what an album has.
func newHeavy(t *testing.T) heavy {
	t.Helper()
	h := heavy{strict: onEmpty(t, strictmongo.Options{Form: strictmongo.ReplicaSet})}
	h.albums, h.files = int64(tooltest.Number(t, "MEMORY_ALBUMS", 100)), int64(tooltest.Number(t, "MEMORY_FILES", 12_000))
	var files, albums []any
	ids := make([]bson.ObjectID, h.files)
	for i := range ids {
		ids[i] = bson.NewObjectID()
		files = append(files, bson.D{{Key: "_id", Value: ids[i]}, {Key: "path", Value: h.disk + "/" + strconv.Itoa(i)},
			{Key: "is_virtual", Value: true}})
	}
	for a := range h.albums {
		list := bson.A{bson.NewObjectID()}
		for i, id := range ids {
			if mixed(uint64(i)*1000+uint64(a))%2 == 0 {
				list = append(list, id)
			}
		}
		h.references += int64(len(list)) - 1
		albums = append(albums, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "file_ids", Value: list},
			{Key: "file_count", Value: 0}})
	}
	for collection, docs := range map[string][]any{"file_records": files, "albums": albums} {
		if _, err := h.library.DB.Collection(collection).InsertMany(t.Context(), docs); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// mixed is a number that looks random: https://xorshift.di.unimi.it/splitmix64.c.
func mixed(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// liveHeap is what a line of GODEBUG=gctrace=1 says was alive, in MB.
var liveHeap = regexp.MustCompile(`(?m)^gc \d+ .*?(\d+)->(\d+)->(\d+) MB,`)

// live runs a task in a process of its own, whose collector works all the time, and is the most that was alive after
// any collection, in MB.
func (h heavy) live(t *testing.T, task string) (ran, int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "run", task, "--output=json", "--library=ucorefs", "--max-deletes=100000",
		"--max-delete-percent=100")
	cmd.Env = append(os.Environ(), asProgram+"=1", "MONGODB_URI="+h.uri, "GODEBUG=gctrace=1", "GOGC=10", "GOMEMLIMIT=off")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the exit code is looked at
	r, most := ran{cmd.ProcessState.ExitCode(), out.String(), errs.String()}, int64(-1)
	for _, line := range liveHeap.FindAllStringSubmatch(r.errs, -1) {
		n, _ := strconv.ParseInt(line[3], 10, 64)
		most = max(most, n)
	}
	r.errs = ""
	return r, most
}

// Albums with millions of ids fit into the memory of a pod: a task holds at most 48 MB and 80 bytes for each reference,
// 528 MB for 100 albums of 60,000. Seen to fail, with 217 MB for 600,000 references, with the new lists of all files in
// the plan, each as Go values.
func TestAlbumsWithManyFilesFitIntoAPod(t *testing.T) {
	h := newHeavy(t)
	most := 48 + 80*h.references/1_000_000
	for _, c := range []struct {
		task, count string
		want        int64
	}{
		{jobspec.VerifyReferences, "brokenFileRefs", h.albums},
		{jobspec.RebuildAllCounts, "albumsUpdated", h.albums},
		{jobspec.RebuildAlbumReferences, "referencesAdded", h.references},
		{jobspec.CleanupOrphanedRecords, "fileRefsRemoved", h.albums},
		{jobspec.BackgroundCountVerification, "driftFixed", 0},
	} {
		r, live := h.live(t, c.task)
		r.want(t, jobspec.ExitOK)
		if got := r.result(t).Counts[c.count]; got != c.want {
			t.Errorf("%s: %s is %d, want %d", c.task, c.count, got, c.want)
		}
		t.Logf("%s: %d MB alive at the most, for %d references", c.task, live, h.references)
		if live < 0 || live > most {
			t.Errorf("%s: %d MB are alive, %d may be", c.task, live, most)
		}
	}
}
