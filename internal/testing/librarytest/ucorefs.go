package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// Names of collections that only the desktop application has.
const (
	embeddingRecords = "embedding_records"
	relationTypes    = "relation_types"
	detectionObjects = "detection_objects"
	tasks            = "tasks"
	journal          = "journal"
	viewSettings     = "view_settings"
	cardviewStates   = "cardview_states"
	appActivity      = "app_activity"
)

func ucorefs() spec {
	return spec{
		name: "ucorefs",
		collections: []string{
			directoryRecords, fileRecords, tags, albums, embeddingRecords, relationTypes, relations, detectionClasses,
			detectionObjects, detectionInstances, annotationJobs, annotationRecords, tasks, journal, rules, viewSettings,
			cardviewStates, appActivity,
		},
		references: ucorefsReferences(),
		counters: []counters{
			{tags, []string{"file_count"}}, {albums, []string{"file_count"}},
			{directoryRecords, []string{"child_count", "file_count", "total_size"}},
			{annotationJobs, []string{"total_files", "annotated_count"}},
		},
		lengths: []length{{albums, "file_ids", "file_count", "is_smart"}},
		mirrors: []mirror{{fileRecords, "album_ids", albums, "file_ids", "is_smart"}},
		vectors: findUCoreFSVectors,
		expiring: []expiring{
			{collection: tasks, time: "created_at", status: "status", finished: []string{"completed", "failed"}},
			{collection: journal, time: "timestamp", journal: true},
		},
		recount:  recountUCoreFS,
		generate: (*generator).ucorefs,
	}
}

func ucorefsReferences() []Reference {
	return []Reference{
		many(fileRecords, "tag_ids", tags, "brokenTagRefs"),
		many(fileRecords, "album_ids", albums, "brokenAlbumRefs"),
		one(fileRecords, "parent_id", directoryRecords, "brokenDirRefs", Report),
		one(fileRecords, "root_id", directoryRecords, "brokenDirRefs", Report),
		one(directoryRecords, "parent_id", directoryRecords, "brokenParentRefs", Report),
		one(directoryRecords, "root_id", directoryRecords, "brokenDirRefs", Report),
		one(tags, "parent_id", tags, "brokenParentRefs", Report),
		many(tags, "synonym_ids", tags, "brokenSynonymRefs"),
		many(tags, "antonym_ids", tags, "brokenAntonymRefs"),
		one(albums, "parent_id", albums, "brokenParentRefs", Report),
		one(albums, "cover_id", fileRecords, "brokenFileRefs", Clear),
		many(albums, "file_ids", fileRecords, "brokenFileRefs"),
		one(embeddingRecords, "file_id", fileRecords, "brokenEmbeddingRefs", Delete),
		relationEnd("source_id"),
		relationEnd("target_id"),
		one(relations, "relation_type_id", relationTypes, "brokenRelationTypeRefs", Report),
		one(detectionInstances, "file_id", fileRecords, "brokenDetectionRefs", Delete),
		one(detectionInstances, "detection_class_id", detectionClasses, "brokenDetectionClassRefs", Clear),
		one(detectionInstances, "detection_object_id", detectionObjects, "brokenDetectionObjectRefs", Clear),
		one(detectionObjects, "detection_class_id", detectionClasses, "brokenObjectClassRefs", Report),
		one(detectionClasses, "parent_class_id", detectionClasses, "brokenParentRefs", Report),
		one(annotationRecords, "job_id", annotationJobs, "brokenAnnotationRefs", Delete),
		one(annotationRecords, "file_id", fileRecords, "brokenAnnotationRefs", Delete),
	}
}

func recountUCoreFS(r recount) {
	r.set(tags, "file_count", r.holding(fileRecords, "tag_ids"))
	r.albums("smart_query", func(album bson.Raw) int64 { return int64(len(elements(album.Lookup("file_ids")))) })
	files, bytes := r.referring(fileRecords, "parent_id"), r.total(fileRecords, "parent_id", amount("size_bytes"))
	r.set(directoryRecords, "child_count", files.plus(r.referring(directoryRecords, "parent_id")))
	r.set(directoryRecords, "file_count", r.below(files))
	r.set(directoryRecords, "total_size", r.below(bytes))
	r.set(annotationJobs, "total_files", r.referring(annotationRecords, "job_id"))
	r.set(annotationJobs, "annotated_count", r.total(annotationRecords, "job_id", func(record bson.Raw) int64 {
		if isTrue(record, "is_annotated") {
			return 1
		}
		return 0
	}))
}

// findUCoreFSVectors adds what the application searches, which is in the file records, before the records of their own.
func findUCoreFSVectors(docs Docs, found *foundVectors) {
	for _, file := range docs[fileRecords] {
		providers, _ := file.Lookup("embeddings").DocumentOK()
		list, _ := providers.Elements()
		for _, provider := range list {
			if embedding, ok := provider.Value().DocumentOK(); ok {
				found.add(provider.Key(), file.Lookup("_id"), embedding.Lookup("vector"))
			}
		}
	}
	for _, record := range docs[embeddingRecords] {
		provider, _ := record.Lookup("provider").StringValueOK()
		found.add(provider, record.Lookup("file_id"), record.Lookup("vector"))
	}
}
