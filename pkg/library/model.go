// Package library is the model of a UCore FS library: how its collections and fields are called, which fields refer to
// which collection, which counters are derived from what, and which indexes it should have.
//
// It is data, with no input or output. A task must take every name from a Model and never write one as a literal; what
// differs in another installation then is a value, not a change of code.
package library

// Model names the collections of one library. UCoreFS is the default.
type Model struct {
	Files       FileCollection      `json:"files"`
	Directories DirectoryCollection `json:"directories"`
	Tags        TagCollection       `json:"tags"`
	Albums      AlbumCollection     `json:"albums"`
	Embeddings  EmbeddingCollection `json:"embeddings"`
	Tasks       TaskCollection      `json:"tasks"`
	Journal     JournalCollection   `json:"journal"`
	Activity    ActivityCollection  `json:"activity"`
}

// FileCollection names file_records: one document for each file on disk.
type FileCollection struct {
	Collection   string `json:"collection"`
	Path         string `json:"path"`
	Name         string `json:"name"`
	Parent       string `json:"parent"`
	Root         string `json:"root"`
	Size         string `json:"size"`
	Tags         string `json:"tags"`
	Albums       string `json:"albums"`
	TagNames     string `json:"tagNames"`
	ModifiedAt   string `json:"modifiedAt"`
	HasThumbnail string `json:"hasThumbnail"`
	HasVector    string `json:"hasVector"`
}

// DirectoryCollection names directory_records. ChildCount is immediate files and sub-directories; FileCount and TotalSize
// (bytes) are of everything below.
type DirectoryCollection struct {
	Collection string `json:"collection"`
	Path       string `json:"path"`
	Name       string `json:"name"`
	Parent     string `json:"parent"`
	Root       string `json:"root"`
	IsRoot     string `json:"isRoot"`
	ChildCount string `json:"childCount"`
	FileCount  string `json:"fileCount"`
	TotalSize  string `json:"totalSize"`
}

// TagCollection names tags. FileCount is the files whose Tags hold this very tag, its subtree not included.
type TagCollection struct {
	Collection string `json:"collection"`
	Name       string `json:"name"`
	FullPath   string `json:"fullPath"`
	Parent     string `json:"parent"`
	FileCount  string `json:"fileCount"`
}

// AlbumCollection names albums: manual ones list Files, smart ones have a Query over the file collection.
type AlbumCollection struct {
	Collection string `json:"collection"`
	Name       string `json:"name"`
	Parent     string `json:"parent"`
	Cover      string `json:"cover"`
	IsSmart    string `json:"isSmart"`
	Query      string `json:"query"`
	Files      string `json:"files"`
	FileCount  string `json:"fileCount"`
}

// EmbeddingCollection names embeddings: one vector for a file and a provider.
type EmbeddingCollection struct {
	Collection string `json:"collection"`
	Provider   string `json:"provider"`
	File       string `json:"file"`
	Vector     string `json:"vector"`
	// Dimensions are how many numbers a provider's vectors have, where that is fixed.
	Dimensions map[string]int `json:"dimensions"`
}

// TaskCollection names the application's task queue.
type TaskCollection struct {
	Collection string `json:"collection"`
	Status     string `json:"status"`
	CreatedAt  string `json:"createdAt"`
	// Finished are the statuses after which a task is never touched again.
	Finished []string `json:"finished"`
}

// JournalCollection names the application's own journal (not maintenance's).
type JournalCollection struct {
	Collection string `json:"collection"`
	Timestamp  string `json:"timestamp"`
}

// ActivityCollection names the applications' heartbeats.
type ActivityCollection struct {
	Collection   string `json:"collection"`
	LastActivity string `json:"lastActivity"`
}

// UCoreFS is the model of UCore FS as it is installed.
func UCoreFS() Model {
	return Model{
		Files: FileCollection{
			Collection: "file_records",
			Path:       "path", Name: "name", Parent: "parent_id", Root: "root_id", Size: "size_bytes", Tags: "tag_ids", Albums: "album_ids",
			TagNames: "tags", ModifiedAt: "modified_at", HasThumbnail: "has_thumbnail", HasVector: "has_vector",
		},
		Directories: DirectoryCollection{
			Collection: "directory_records",
			Path:       "path", Name: "name", Parent: "parent_id", Root: "root_id", IsRoot: "is_root",
			ChildCount: "child_count", FileCount: "file_count", TotalSize: "total_size",
		},
		Tags:       TagCollection{Collection: "tags", Name: "name", FullPath: "full_path", Parent: "parent_id", FileCount: "file_count"},
		Albums:     AlbumCollection{Collection: "albums", Name: "name", Parent: "parent_id", Cover: "cover_id", IsSmart: "is_smart", Query: "smart_query", Files: "file_ids", FileCount: "file_count"},
		Embeddings: EmbeddingCollection{Collection: "embeddings", Provider: "provider", File: "file_id", Vector: "vector", Dimensions: map[string]int{"clip": 512}},
		Tasks:      TaskCollection{Collection: "task_records", Status: "status", CreatedAt: "created_at", Finished: []string{"completed", "failed"}},
		Journal:    JournalCollection{Collection: "journal_entries", Timestamp: "timestamp"},
		Activity:   ActivityCollection{Collection: "app_activity", LastActivity: "last_activity"},
	}
}
