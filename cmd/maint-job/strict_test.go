package main

import (
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// strict is a damaged library on a strict server, and how the program is called on it.
type strict struct {
	*strictmongo.Server
	library mongotest.Server
	layout  librarytest.Layout
	disk    string // the folder that holds the library's roots
	uri     string
	ended   // how its run ended
}

// onStrict is a library of a layout on a server of its own, and on a disk of its own.
func onStrict(t *testing.T, o strictmongo.Options, l librarytest.Layout) *strict {
	t.Helper()
	return onStrictWith(t, o, l, t.TempDir())
}

// onStrictWith is onStrict with the library's files on a disk that others may have written already.
func onStrictWith(t *testing.T, o strictmongo.Options, l librarytest.Layout, disk string) *strict {
	t.Helper()
	return onStrictAfter(t, o, l, disk, func(*strict, testing.TB) {})
}

// onStrictAfter is onStrictWith in a database that was prepared.
func onStrictAfter(t *testing.T, o strictmongo.Options, l librarytest.Layout, disk string,
	prepare func(*strict, testing.TB)) *strict {
	t.Helper()
	s := &strict{Server: strictmongo.Start(t, o), disk: disk, layout: l}
	options := ""
	if o.Form == strictmongo.DocumentDB {
		options = "?retryWrites=false"
	}
	s.library = mongotest.At(t, s.Server.URI+options)
	s.uri = s.Server.URI + s.library.Name + options
	prepare(s, t)
	generated := librarytest.GenerateWith(7, librarytest.Options{
		Layout: l, Prefix: s.disk, Roots: 1, Directories: 12, Files: 150, Tags: 12, Albums: 6, SmartAlbums: 3, Embeddings: 10,
		Relations: 8, Detections: 8, Jobs: 2, Tasks: 10, Journal: 10, MongoDBOnly: true,
		Dirt: 0.1, OddIDs: 0.1, Drift: 0.9, OneOfEach: true, ClipDimension: 8, Missing: 0.05,
	})
	if err := generated.WriteFiles(s.disk); err != nil {
		t.Fatal(err)
	}
	if err := generated.Insert(t.Context(), s.library.DB); err != nil {
		t.Fatal(err)
	}
	return s
}

// onEmpty is a database without a library on a server of its own.
func onEmpty(t *testing.T, o strictmongo.Options) *strict {
	t.Helper()
	s := &strict{Server: strictmongo.Start(t, o), layout: librarytest.UCoreFS, disk: t.TempDir()}
	s.library = mongotest.At(t, s.Server.URI)
	s.uri = s.Server.URI + s.library.Name
	return s
}

// job runs the program there. Nothing that it deletes is too much.
func (s *strict) job(t *testing.T, args ...string) ran {
	t.Helper()
	return job(t, map[string]string{"MONGODB_URI": s.uri}, args...)
}

// task runs a task, with every folder that one may want, until nothing waits for a second look.
func (s *strict) task(t *testing.T, name string, args ...string) ran {
	t.Helper()
	all := []string{"run", name, "--output=json", "--max-deletes=100000", "--max-delete-percent=100", "--grace-period=0s",
		"--library-root=" + s.disk, "--index-dir=" + t.TempDir()}
	return s.job(t, append(all, args...)...)
}

// product tells the program's commands from those of the test.
func product(c strictmongo.Command) bool { return c.AppName == connection.DefaultAppName }

// databaseTasks are the tasks that need a database.
func databaseTasks(t *testing.T) (list []string) {
	t.Helper()
	for _, name := range names() {
		if name != "cache-cleanup" && name != "log-rotation" {
			list = append(list, name)
		}
	}
	return list
}

// documents are the library's, as they are stored now.
func (s *strict) documents(t *testing.T) librarytest.Docs {
	t.Helper()
	docs, err := s.layout.Read(t.Context(), s.library.DB)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
