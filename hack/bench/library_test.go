package bench_test

import (
	"encoding/binary"
	"os"
	"strconv"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
)

// fileCount is how many files the library has: what BENCH_FILES says, else few enough for every test run.
func fileCount(tb testing.TB) int {
	tb.Helper()
	text := os.Getenv("BENCH_FILES")
	if text == "" {
		return 3_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		tb.Fatalf("BENCH_FILES: %q is no number of files", text)
	}
	return n
}

// The shape of the library, all of it by rule and in proportion to the files, but for the tags.
const (
	filesInFolder   = 20
	foldersInFolder = 50
	filesOfAlbum    = 1000 // an album is made of this many files in a row,
	albumStep       = 10   // of which it lists each tenth
	embeddingStep   = 200  // each 200th has an embedding, a detection, a relation to it, and an annotation
	filesOfJob      = 1000
	tagCount        = 2000
)

// shelf is a library in a database: every counter right, every reference whole, no smart album.
type shelf struct {
	mongotest.Server
	library                                         library.Library
	options                                         jobspec.Options
	files, directories, albums, members, embeddings int
	jobs                                            int // of annotation
	leaves                                          int // directories that hold the files
	tagUse                                          []int
	vectors                                         int // embeddings that only optimize adds
}

// The collections of the desktop application that hold much.
const (
	fileRecords      = "file_records"
	embeddingRecords = "embedding_records"
)

// fill writes a library of n files.
func fill(tb testing.TB, n int) *shelf {
	tb.Helper()
	s := plan(tb, n)
	s.Server = mongotest.New(tb)
	s.collections(func(name string, n int, doc func(int) bson.D) { s.insert(tb, name, n, doc) })
	return s
}

// plan is the shape of a library of n files that is in no database yet.
func plan(tb testing.TB, n int) *shelf {
	tb.Helper()
	s := &shelf{library: taskstest.Declaration(tb, librarytest.UCoreFS), files: n, tagUse: make([]int, tagCount)}
	s.options = jobspec.Defaults()
	s.options.TimeBudget = 0
	s.leaves = parts(n, filesInFolder)
	s.directories = 1 + parts(s.leaves, foldersInFolder) + s.leaves
	s.albums, s.members, s.embeddings = parts(n, filesOfAlbum), parts(n, albumStep), parts(n, embeddingStep)
	s.jobs = parts(n, filesOfJob)
	for i := range n {
		for _, tag := range tagsOf(i) {
			s.tagUse[tag]++
		}
	}
	return s
}

// collections gives each collection of the library with its documents.
func (s *shelf) collections(each func(name string, n int, doc func(i int) bson.D)) {
	each(fileRecords, s.files, s.file)
	each("tags", tagCount, s.tag)
	each("directory_records", s.directories, s.directory)
	each("albums", s.albums, s.album)
	each(embeddingRecords, s.embeddings, s.embedding)
	each("detection_instances", s.embeddings, s.detection)
	each("relations", s.embeddings, s.relation)
	each("annotation_records", s.embeddings, s.annotation)
	each("annotation_jobs", s.jobs, s.job)
}

func (s *shelf) insert(tb testing.TB, collection string, n int, doc func(i int) bson.D) {
	tb.Helper()
	const batch = 1000
	for from := 0; from < n; from += batch {
		docs := make([]any, 0, batch)
		for i := from; i < min(n, from+batch); i++ {
			docs = append(docs, doc(i))
		}
		if _, err := s.DB.Collection(collection).InsertMany(tb.Context(), docs); err != nil {
			tb.Fatal(err)
		}
	}
}

// parts is how many parts of a size a whole takes.
func parts(whole, size int) int { return (whole + size - 1) / size }

// id is the ObjectID of the i-th document of a kind.
func id(kind byte, i int) bson.ObjectID {
	oid := bson.ObjectID{0x65, kind}
	binary.BigEndian.PutUint64(oid[4:], uint64(i))
	return oid
}

// The kinds of ids. Directories are the root, then those in it, then the leaves.
const (
	aFile = iota + 1
	aDirectory
	aTag
	anAlbum
	anEmbedding
	aVector
	aDetection
	aRelation
	anAnnotation
	aJob
)
