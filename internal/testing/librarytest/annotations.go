package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ucorefsAnnotations makes jobs and, for each, a record for some files.
func (g *generator) ucorefsAnnotations() {
	for i := range g.o.Jobs {
		g.add(annotationJobs, document(
			"_id", g.newID(), "_cls", "AnnotationJob", "job_type", "binary", "choices", bson.A{"yes", "no"},
			"description", "", "total_files", int32(0), "annotated_count", int32(0), "created_by", "user",
			"created_at", g.date(60), "name", fmt.Sprintf("Job %02d", i),
		))
	}
	g.annotated(g.annotationRecord)
}

// annotated gives each job a record for some files, about 50 at most. A layout gives the documents.
func (g *generator) annotated(document func(job, file any) bson.D) {
	share := min(0.2, 50/float64(max(1, g.o.Files)))
	for _, id := range g.ids[annotationJobs] {
		for i := range g.ids[fileRecords] {
			if g.chance(share) {
				job := g.refer(id)
				if g.dirty("annotations of jobs that do not exist") {
					job = g.dangling()
				}
				g.add(annotationRecords, document(job, g.fileOf(i, "annotations of files that do not exist")))
			}
		}
	}
}

func (g *generator) annotationRecord(job, file any) bson.D {
	done, at, by, answer := any(g.chance(0.5)), any(nil), "", any(nil)
	if done == true {
		at, by, answer = g.date(30), "user", "yes"
	}
	if g.dirty("annotations whose is_annotated is no boolean") {
		done = pick(g, bson.A{int32(1), "yes", nil, absent{}})
	}
	return document(
		"_id", g.newID(), "_cls", "AnnotationRecord", "job_id", job, "file_id", file, "value", answer,
		"is_annotated", done, "skipped", false, "annotated_at", at, "annotated_by", by, "confidence", 1.0, "notes", "",
		"name", fmt.Sprintf("annotation_%d", g.made),
	)
}
