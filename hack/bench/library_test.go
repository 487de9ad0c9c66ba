package bench_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/mongotest"
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
	embeddingStep   = 200
	tagCount        = 2000
)

// shelf is a library in a database: every counter right, every reference whole, no smart album.
type shelf struct {
	mongotest.Server
	model                                           library.Model
	options                                         jobspec.Options
	files, directories, albums, members, embeddings int
	leaves                                          int // directories that hold the files
	tagUse                                          []int
	vectors                                         int // embeddings that only optimize adds
}

// fill writes a library of n files.
func fill(tb testing.TB, n int) *shelf {
	tb.Helper()
	s := &shelf{Server: mongotest.New(tb), model: library.UCoreFS(), files: n, tagUse: make([]int, tagCount)}
	s.options = jobspec.Defaults()
	s.options.TimeBudget = 0
	s.leaves = parts(n, filesInFolder)
	s.directories = 1 + parts(s.leaves, foldersInFolder) + s.leaves
	s.albums, s.members, s.embeddings = parts(n, filesOfAlbum), parts(n, albumStep), parts(n, embeddingStep)
	s.insert(tb, s.model.Files.Collection, n, s.file) // counts the use of tags
	s.insert(tb, s.model.Tags.Collection, tagCount, s.tag)
	s.insert(tb, s.model.Directories.Collection, s.directories, s.directory)
	s.insert(tb, s.model.Albums.Collection, s.albums, s.album)
	s.insert(tb, s.model.Embeddings.Collection, s.embeddings, s.embedding)
	return s
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
)

func size(file int) int64 { return 1_000_000 + int64(file%977) }

func (s *shelf) file(i int) bson.D {
	m := s.model.Files
	tags, names, albums := bson.A{}, bson.A{}, bson.A{}
	for _, t := range tagsOf(i) {
		s.tagUse[t]++
		tags, names = append(tags, id(aTag, t)), append(names, fmt.Sprintf("tag %d", t))
	}
	if i%albumStep == 0 {
		albums = append(albums, id(anAlbum, i/filesOfAlbum))
	}
	leaf, folder, name := s.place(i)
	return bson.D{
		{Key: "_id", Value: id(aFile, i)}, {Key: m.Path, Value: recorded + "/" + folder + "/" + name}, {Key: m.Name, Value: name},
		{Key: m.Parent, Value: id(aDirectory, leaf)}, {Key: m.Root, Value: id(aDirectory, 0)}, {Key: m.Size, Value: size(i)},
		{Key: m.ModifiedAt, Value: time.Unix(1_700_000_000+int64(i), 0)}, {Key: "extension", Value: "jpg"}, {Key: "file_type", Value: "image"}, {Key: "rating", Value: i % 6},
		{Key: m.HasThumbnail, Value: true}, {Key: m.HasVector, Value: i%embeddingStep == 1},
		{Key: m.Tags, Value: tags}, {Key: m.TagNames, Value: names}, {Key: m.Albums, Value: albums},
	}
}

// recorded is the root's path, as it is recorded.
const recorded = "/library"

// place is where a file lies: the directory's number, its folder relative to the root, and the file's name in it.
func (s *shelf) place(file int) (leaf int, folder, name string) {
	leaf = s.directories - s.leaves + file/filesInFolder
	return leaf, fmt.Sprintf("%d/%d", s.parent(leaf), leaf), fmt.Sprintf("IMG_%08d.jpg", file)
}

// tagsOf is one to three tags.
func tagsOf(file int) []int {
	tags := []int{file % tagCount, (file*31 + 7) % tagCount, (file*17 + 3) % tagCount}[:1+file%3]
	slices.Sort(tags)
	return slices.Compact(tags)
}

func (s *shelf) tag(i int) bson.D {
	m, name := s.model.Tags, fmt.Sprintf("tag %d", i)
	return bson.D{{Key: "_id", Value: id(aTag, i)}, {Key: m.Name, Value: name}, {Key: m.FullPath, Value: name}, {Key: m.Parent, Value: nil}, {Key: m.FileCount, Value: s.tagUse[i]}}
}

// parent is the directory that a directory other than the root is in.
func (s *shelf) parent(directory int) int {
	if first := s.directories - s.leaves; directory >= first {
		return 1 + (directory-first)/foldersInFolder
	}
	return 0
}

func (s *shelf) directory(i int) bson.D {
	m, first := s.model.Directories, s.directories-s.leaves
	children, from, to := first-1, 0, s.files // of the root
	var parent any = id(aDirectory, s.parent(i))
	switch {
	case i == 0:
		parent = nil
	case i < first:
		leaf, end := (i-1)*foldersInFolder, min(i*foldersInFolder, s.leaves)
		children, from, to = end-leaf, leaf*filesInFolder, min(end*filesInFolder, s.files)
	default:
		from, to = (i-first)*filesInFolder, min((i-first+1)*filesInFolder, s.files)
		children = to - from
	}
	var bytes int64
	for file := from; file < to; file++ {
		bytes += size(file)
	}
	name := fmt.Sprint(i)
	return bson.D{
		{Key: "_id", Value: id(aDirectory, i)}, {Key: m.Path, Value: "/library/" + name}, {Key: m.Name, Value: name}, {Key: m.Parent, Value: parent},
		{Key: m.Root, Value: id(aDirectory, 0)}, {Key: m.IsRoot, Value: i == 0},
		{Key: m.ChildCount, Value: children}, {Key: m.FileCount, Value: to - from}, {Key: m.TotalSize, Value: bytes},
	}
}

func (s *shelf) album(i int) bson.D {
	m, files := s.model.Albums, bson.A{}
	for file := i * filesOfAlbum; file < min((i+1)*filesOfAlbum, s.files); file += albumStep {
		files = append(files, id(aFile, file))
	}
	return bson.D{
		{Key: "_id", Value: id(anAlbum, i)}, {Key: m.Name, Value: fmt.Sprintf("album %d", i)}, {Key: m.Parent, Value: nil}, {Key: m.Cover, Value: files[0]},
		{Key: m.IsSmart, Value: false}, {Key: m.Files, Value: files}, {Key: m.FileCount, Value: len(files)},
	}
}

func (s *shelf) embedding(i int) bson.D {
	m := s.model.Embeddings
	file := min(i*embeddingStep+1, s.files-1)
	return bson.D{{Key: "_id", Value: id(anEmbedding, i)}, {Key: m.Provider, Value: "thumb"}, {Key: m.File, Value: id(aFile, file)}, {Key: m.Vector, Value: bson.A{0.6, 0.8}}}
}
