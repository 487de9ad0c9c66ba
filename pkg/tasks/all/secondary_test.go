package all

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks"
)

// readsOf are the reads of the library that planning sends to a replica set, each as the read preference mode that it
// names, the collection and, where it asks for some ids, "$in".
func readsOf(t *testing.T, task tasks.Task, preference string) (reads []string) {
	t.Helper()
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, Members: 3})
	b := taskstest.On(t, mongotest.At(t, server.URI), librarytest.UCoreFS.Generate(1, librarytest.Tiny))
	b.Env.Options.ReadPreference = preference
	b.Before = func(c connection.Command) {
		collection, _ := c.Document.Lookup(c.Name).StringValueOK()
		if c.Name != "find" && c.Name != "aggregate" || strings.HasPrefix(collection, "maintenance_") {
			return
		}
		mode, _ := c.Document.Lookup("$readPreference", "mode").StringValueOK()
		read := mode + " " + collection
		if bytes.Contains(c.Document, []byte("$in\x00")) {
			read += " $in"
		}
		reads = append(reads, read)
	}
	b.Prepare(task)
	return reads
}

// Seen to fail with a second look at the secondary, and with none of the reads there.
func TestAFirstLookReadsFromASecondaryAndASecondFromThePrimary(t *testing.T) {
	const secondary = jobspec.ReadSecondaryPreferred
	// confirms is a read of the second look
	for name, confirms := range map[string]string{
		jobspec.VerifyReferences: " tags $in", jobspec.RebuildAllCounts: " file_records",
		jobspec.BackgroundCountVerification: " file_records",
	} {
		list := Tasks()
		task := list[slices.IndexFunc(list, func(task tasks.Task) bool { return task.Name == name })]
		t.Run(name, func(t *testing.T) {
			if !task.LooksTwice {
				t.Error("it does not say that it looks twice")
			}
			isThere := func(read string) bool { return strings.HasPrefix(read, secondary) }
			if reads := readsOf(t, task, jobspec.ReadPrimary); len(reads) == 0 || slices.ContainsFunc(reads, isThere) {
				t.Errorf("unasked it reads %q", reads)
			}
			reads := readsOf(t, task, secondary)
			isSecond := func(read string) bool { return strings.HasPrefix(read, confirms) }
			if !slices.Contains(reads, secondary+" file_records") || !slices.ContainsFunc(reads, isSecond) ||
				slices.Contains(reads, secondary+" tags $in") {
				t.Errorf("it reads %q", reads)
			}
		})
	}
}
