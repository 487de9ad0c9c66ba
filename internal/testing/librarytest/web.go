package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// Names of collections that only the web application has.
const (
	fileTags      = "file_tags"
	fileAlbums    = "file_albums"
	embeddings    = "embeddings"
	taskRecords   = "task_records"
	journalEvents = "journal_events"
)

func web() spec {
	return spec{
		name: "ucorefs-web",
		collections: []string{
			directoryRecords, fileRecords, tags, fileTags, albums, fileAlbums, embeddings, detectionClasses,
			detectionInstances, relations, annotationJobs, annotationRecords, taskRecords, journalEvents, rules,
		},
		references: webReferences(),
		counters: []counters{
			{tags, []string{"file_count"}}, {albums, []string{"file_count"}}, {directoryRecords, []string{"child_count"}},
			{annotationJobs, []string{"total_files", "annotated_count"}},
		},
		lengths: []length{{collection: annotationJobs, list: "file_ids", field: "total_files"}},
		vectors: findWebVectors,
		expiring: []expiring{
			{collection: taskRecords, time: "created_at", status: "status", finished: []string{"completed", "failed"}},
			{collection: journalEvents, time: "timestamp", journal: true},
		},
		recount:  recountWeb,
		generate: (*generator).web,
	}
}

// webReferences has no Clear: the application cannot load a detection whose class_id is null.
func webReferences() []Reference {
	return []Reference{
		one(fileRecords, "parent_id", directoryRecords, "brokenDirRefs", Report),
		one(directoryRecords, "parent_id", directoryRecords, "brokenParentRefs", Report),
		one(tags, "parent_id", tags, "brokenParentRefs", Report),
		one(fileTags, "file_id", fileRecords, "brokenFileRefs", Delete),
		one(fileTags, "tag_id", tags, "brokenTagRefs", Delete),
		one(fileAlbums, "file_id", fileRecords, "brokenFileRefs", Delete),
		one(fileAlbums, "album_id", albums, "brokenAlbumRefs", Delete),
		one(embeddings, "file_id", fileRecords, "brokenEmbeddingRefs", Delete),
		relationEnd("source_id"),
		relationEnd("target_id"),
		one(detectionInstances, "file_id", fileRecords, "brokenDetectionRefs", Delete),
		one(detectionInstances, "class_id", detectionClasses, "brokenDetectionClassRefs", Report),
		one(detectionClasses, "parent_id", detectionClasses, "brokenParentRefs", Report),
		many(annotationJobs, "file_ids", fileRecords, "brokenFileRefs"),
		one(annotationRecords, "job_id", annotationJobs, "brokenAnnotationRefs", Delete),
		one(annotationRecords, "file_id", fileRecords, "brokenAnnotationRefs", Delete),
	}
}

// recountWeb takes total_files of a job for the length of its file_ids and annotated_count for its records, which the
// application writes only once a file is annotated.
func recountWeb(r recount) {
	r.set(tags, "file_count", r.referring(fileTags, "tag_id"))
	inAlbum := r.referring(fileAlbums, "album_id")
	r.albums("query", func(album bson.Raw) int64 { return inAlbum[idOf(album)] })
	below := r.referring(directoryRecords, "parent_id")
	r.set(directoryRecords, "child_count", below.plus(r.referring(fileRecords, "parent_id")))
	r.set(annotationJobs, "annotated_count", r.referring(annotationRecords, "job_id"))
	for _, job := range r.docs[annotationJobs] {
		r.put(annotationJobs, job, "total_files", int64(len(elements(job.Lookup("file_ids")))))
	}
}

// findWebVectors takes the model's name for the provider's.
func findWebVectors(docs Docs, found *foundVectors) {
	for _, record := range docs[embeddings] {
		model, _ := record.Lookup("model").StringValueOK()
		found.add(model, record.Lookup("file_id"), record.Lookup("embedding"))
	}
}
