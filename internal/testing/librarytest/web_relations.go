package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func (g *generator) webDetections() {
	if len(g.ids[fileRecords]) == 0 || g.o.Detections == 0 {
		return
	}
	for i, name := range []string{"animal", "cat", "person"} {
		g.add(detectionClasses, document(
			"_id", g.newID(), "name", name, "parent_id", g.classParent(i), "lft", int32(0), "rgt", int32(0),
			"level", int32(0), "description", nil, "color", nil,
		))
	}
	for range g.o.Detections {
		g.add(detectionInstances, document(
			"_id", g.newID(), "file_id", g.reference(fileRecords, "file of a detection"),
			"class_id", g.reference(detectionClasses, "class of a detection"), "bbox_x", 0.1, "bbox_y", 0.1, "bbox_w", 0.5,
			"bbox_h", 0.5, "confidence", 0.9, "backend", "yolo", "created_at", g.date(60),
		))
	}
}

var webRelationTypes = []string{"similar", "duplicate", "related", "custom"}

func (g *generator) webRelations() {
	if len(g.ids[fileRecords]) == 0 {
		return
	}
	for range g.o.Relations {
		g.add(relations, document(
			"_id", g.newID(), "source_id", g.reference(fileRecords, "source of a relation"),
			"target_id", g.reference(fileRecords, "target of a relation"), "relation_type", pick(g, webRelationTypes),
			"confidence", 0.5, "metadata", bson.D{}, "created_at", g.date(60), "marked_wrong", false,
		))
	}
}

func (g *generator) webAnnotations() {
	for i := range g.o.Jobs {
		g.add(annotationJobs, document(
			"_id", g.newID(), "title", fmt.Sprintf("Job %02d", i), "description", nil,
			"file_ids", g.references(fileRecords, 6, "file_ids of jobs"), "total_files", int32(0), "annotated_count", int32(0),
			"created_at", g.date(60), "updated_at", g.date(60),
		))
	}
	g.annotated(g.webAnnotation)
}

func (g *generator) webAnnotation(job, file any) bson.D {
	return document(
		"_id", g.newID(), "job_id", job, "file_id", file, "annotation_data", bson.D{}, "annotator", nil,
		"created_at", g.date(60),
	)
}
