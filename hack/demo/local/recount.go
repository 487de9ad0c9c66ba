package main

import (
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
)

// state is all that the recount looks at: the documents as they are stored, and the folders.
type state struct {
	docs    librarytest.Docs
	folders folders
	now     time.Time
}

func broken(s state) int { return len(layout.Broken(s.docs)) }

// uncleaned are the records that depend on what does not exist, or refer to it where a reference may be taken away;
// other broken references, such as a folder's parent, are only reported.
func uncleaned(s state) int { return differing(s.docs, layout.Cleaned(s.docs)) }

// gone are the records whose file is not on disk.
func gone(s state) (n int) {
	for _, doc := range s.docs["file_records"] {
		path, _ := doc.Lookup("path").StringValueOK()
		virtual, _ := doc.Lookup("is_virtual").BooleanOK()
		if _, err := os.Lstat(path); err != nil && !virtual {
			n++
		}
	}
	return n
}

// misfiled are the files whose album_ids are not what the albums say.
func misfiled(s state) int { return differing(layout.Mirrored(s.docs), s.docs) }

func miscounted(s state) (n int) {
	for _, v := range layout.Check(s.docs) {
		n += v.Total - v.Right
	}
	return n
}

func untyped(s state) int {
	known := []string{"jpg", "png", "heic", "txt"} // of those that the demo's library has
	return s.files(func(doc bson.Raw) bool {
		extension, _ := doc.Lookup("extension").StringValueOK()
		return text(doc, "file_type") == "unknown" && slices.Contains(known, extension)
	})
}

// unembedded are the images that are said to be processed, have no embedding, and are not queued for one.
func unembedded(s state) int {
	queued := ""
	for _, task := range s.docs["tasks"] {
		if text(task, "status") == "pending" {
			queued += task.Lookup("task_args").String()
		}
	}
	return s.files(func(doc bson.Raw) bool {
		state, _ := doc.Lookup("processing_state").AsInt64OK()
		_, none := doc.LookupErr("embeddings", "clip")
		id, _ := doc.Lookup("_id").ObjectIDOK()
		return text(doc, "file_type") == "image" && state >= 40 && none != nil && !strings.Contains(queued, id.Hex())
	})
}

func (s state) files(is func(doc bson.Raw) bool) (n int) {
	for _, doc := range s.docs["file_records"] {
		if is(doc) {
			n++
		}
	}
	return n
}

func text(doc bson.Raw, field string) string {
	value, _ := doc.Lookup(field).StringValueOK()
	return value
}

// unindexed are the vectors that the FAISS files lack.
func unindexed(s state) (n int) {
	for _, vectors := range layout.Vectors(s.docs) {
		n += len(vectors)
	}
	files, _ := filepath.Glob(filepath.Join(s.folders.indexes, "*"))
	for _, file := range files {
		n -= indexed(file)
	}
	return n
}

// indexed is how many vectors a FAISS file says it holds: after "IxM2" come the dimension and then that number.
func indexed(file string) int {
	data, err := os.ReadFile(file)
	if err != nil || len(data) < 16 || string(data[:4]) != "IxM2" {
		return 0
	}
	return int(binary.LittleEndian.Uint64(data[8:16]))
}

// oldCache are the cache files that nobody used for as long as cache-cleanup keeps them.
func oldCache(s state) (n int) {
	_ = filepath.WalkDir(s.folders.cache, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.ModTime().Before(s.now.AddDate(0, 0, -cacheDays)) {
			n++
		}
		return nil
	})
	return n
}

func surplusLogs(s state) int {
	entries, _ := os.ReadDir(s.folders.logs)
	logs := slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !strings.HasSuffix(e.Name(), ".log") })
	return max(0, len(logs)-keptLogs)
}

func expired(s state) (n int) {
	for _, ids := range layout.Expired(s.docs, s.now, 30, 90) {
		n += len(ids)
	}
	return n
}
