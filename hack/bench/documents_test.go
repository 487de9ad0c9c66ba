package bench_test

import (
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The documents are as the desktop application writes them: with _cls, null where nothing was ever set, and the root's
// id as text.

func size(file int) int64 { return 1_000_000 + int64(file%977) }

// file has a vector of its own where there is an embedding record of it, too.
func (s *shelf) file(i int) bson.D {
	tags, names := bson.A{}, bson.A{}
	for _, t := range tagsOf(i) {
		tags, names = append(tags, id(aTag, t)), append(names, fmt.Sprintf("tag %d", t))
	}
	var albums, embeddings any
	if i%albumStep == 0 {
		albums = bson.A{id(anAlbum, i/filesOfAlbum)}
	}
	if i%embeddingStep == 1 {
		embeddings = bson.D{{Key: thumb, Value: bson.D{{Key: "model", Value: ""}, {Key: "dimension", Value: 2},
			{Key: "vector", Value: bson.A{0.6, 0.8}}}}}
	}
	leaf, folder, name := s.place(i)
	return bson.D{
		{Key: "_id", Value: id(aFile, i)}, {Key: "_cls", Value: "FileRecord"}, {Key: "file_type", Value: "image"},
		{Key: "extension", Value: "jpg"},
		{Key: "rating", Value: i % 6}, {Key: "has_thumbnail", Value: true}, {Key: "has_vector", Value: embeddings != nil},
		{Key: "tag_ids", Value: tags}, {Key: "tags", Value: names}, {Key: "album_ids", Value: albums},
		{Key: "embeddings", Value: embeddings},
		{Key: "path", Value: recorded + "/" + folder + "/" + name}, {Key: "name", Value: name},
		{Key: "parent_id", Value: id(aDirectory, leaf)},
		{Key: "root_id", Value: id(aDirectory, 0).Hex()}, {Key: "size_bytes", Value: size(i)},
		{Key: "modified_at", Value: time.Unix(1_700_000_000+int64(i), 0)}, {Key: "processing_state", Value: 30},
	}
}

// recorded is the root's path, as it is recorded.
const recorded = "/library"

// thumb is the provider of the embeddings.
const thumb = "thumb"

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
	name := fmt.Sprintf("tag %d", i)
	return bson.D{
		{Key: "_id", Value: id(aTag, i)}, {Key: "_cls", Value: "Tag"}, {Key: "name", Value: name},
		{Key: "full_path", Value: name},
		{Key: "parent_id", Value: nil}, {Key: "synonym_ids", Value: nil}, {Key: "antonym_ids", Value: nil},
		{Key: "file_count", Value: s.tagUse[i]},
	}
}

// parent is the directory that a directory other than the root is in.
func (s *shelf) parent(directory int) int {
	if first := s.directories - s.leaves; directory >= first {
		return 1 + (directory-first)/foldersInFolder
	}
	return 0
}

// directory counts what lies directly in it: the leaves hold files, the others directories.
func (s *shelf) directory(i int) bson.D {
	first, files, bytes := s.directories-s.leaves, 0, int64(0)
	children, root, parent := first-1, any(id(aDirectory, 0)), any(nil) // of the root
	switch {
	case i >= first:
		from, to := (i-first)*filesInFolder, min((i-first+1)*filesInFolder, s.files)
		for file := from; file < to; file++ {
			bytes += size(file)
		}
		files, children = to-from, to-from
	case i > 0:
		children = min(i*foldersInFolder, s.leaves) - (i-1)*foldersInFolder
	}
	if i > 0 {
		root, parent = id(aDirectory, 0).Hex(), id(aDirectory, s.parent(i))
	}
	name := fmt.Sprint(i)
	return bson.D{
		{Key: "_id", Value: id(aDirectory, i)}, {Key: "_cls", Value: "DirectoryRecord"},
		{Key: "child_count", Value: children},
		{Key: "file_count", Value: files}, {Key: "total_size", Value: bytes}, {Key: "is_root", Value: i == 0},
		{Key: "path", Value: s.folder(i)}, {Key: "name", Value: name}, {Key: "parent_id", Value: parent},
		{Key: "root_id", Value: root},
	}
}

// folder is a directory's path, as it is recorded.
func (s *shelf) folder(directory int) string {
	switch {
	case directory == 0:
		return recorded
	case directory < s.directories-s.leaves:
		return fmt.Sprintf("%s/%d", recorded, directory)
	}
	return fmt.Sprintf("%s/%d/%d", recorded, s.parent(directory), directory)
}

func (s *shelf) album(i int) bson.D {
	files := bson.A{}
	for file := i * filesOfAlbum; file < min((i+1)*filesOfAlbum, s.files); file += albumStep {
		files = append(files, id(aFile, file))
	}
	return bson.D{
		{Key: "_id", Value: id(anAlbum, i)}, {Key: "_cls", Value: "Album"}, {Key: "name", Value: fmt.Sprintf("album %d", i)},
		{Key: "parent_id", Value: nil},
		{Key: "cover_id", Value: files[0]}, {Key: "is_smart", Value: false}, {Key: "smart_query", Value: bson.D{}},
		{Key: "file_ids", Value: files},
		{Key: "file_count", Value: len(files)},
	}
}

// embedded is the file that the i-th embedding, detection, relation and annotation is of.
func (s *shelf) embedded(i int) bson.ObjectID { return id(aFile, min(i*embeddingStep+1, s.files-1)) }

func (s *shelf) embedding(i int) bson.D {
	return bson.D{
		{Key: "_id", Value: id(anEmbedding, i)}, {Key: "_cls", Value: "EmbeddingRecord"},
		{Key: "file_id", Value: s.embedded(i)},
		{Key: "provider", Value: thumb}, {Key: "vector", Value: bson.A{0.6, 0.8}}, {Key: "dimension", Value: 2},
	}
}

func (s *shelf) detection(i int) bson.D {
	return bson.D{
		{Key: "_id", Value: id(aDetection, i)}, {Key: "_cls", Value: "DetectionInstance"},
		{Key: "file_id", Value: s.embedded(i)},
		{Key: "detection_class_id", Value: nil}, {Key: "detection_object_id", Value: nil}, {Key: "is_virtual", Value: false},
	}
}

// relation joins a file and its detection.
func (s *shelf) relation(i int) bson.D {
	return bson.D{
		{Key: "_id", Value: id(aRelation, i)}, {Key: "_cls", Value: "Relation"}, {Key: "source_id", Value: s.embedded(i)},
		{Key: "target_id", Value: id(aDetection, i)}, {Key: "relation_type_id", Value: nil},
		{Key: "relation_type", Value: "image-detection"},
	}
}

func (s *shelf) annotation(i int) bson.D {
	return bson.D{
		{Key: "_id", Value: id(anAnnotation, i)}, {Key: "_cls", Value: "AnnotationRecord"},
		{Key: "job_id", Value: id(aJob, i*embeddingStep/filesOfJob)},
		{Key: "file_id", Value: s.embedded(i)}, {Key: "is_annotated", Value: i%2 == 0},
	}
}

func (s *shelf) job(i int) bson.D {
	const each = filesOfJob / embeddingStep
	total, annotated := 0, 0
	for of := i * each; of < min((i+1)*each, s.embeddings); of++ {
		total, annotated = total+1, annotated+1-of%2
	}
	return bson.D{
		{Key: "_id", Value: id(aJob, i)}, {Key: "_cls", Value: "AnnotationJob"},
		{Key: "name", Value: fmt.Sprintf("job %d", i)},
		{Key: "total_files", Value: total}, {Key: "annotated_count", Value: annotated},
	}
}
