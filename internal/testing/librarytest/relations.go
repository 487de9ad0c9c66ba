package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ucorefsDetections makes classes, of which one is below another, named objects, and detections in files.
func (g *generator) ucorefsDetections() {
	if len(g.ids[fileRecords]) == 0 || g.o.Detections == 0 {
		return
	}
	for i, name := range []string{"animal", "cat", "person"} {
		g.add(detectionClasses, document(
			"_id", g.newID(), "_cls", "DetectionClass", "parent_class_id", g.classParent(i), "lft", int32(0),
			"rgt", int32(0), "class_name", name, "name", name,
		))
	}
	for i := range 1 + g.o.Detections/10 {
		g.add(detectionObjects, document(
			"_id", g.newID(), "_cls", "DetectionObject",
			"detection_class_id", g.reference(detectionClasses, "class of an object"),
			"object_name", fmt.Sprintf("Object %02d", i), "name", fmt.Sprintf("Object %02d", i),
		))
	}
	for range g.o.Detections {
		g.add(detectionInstances, g.detectionInstance())
	}
}

// classParent is the first class for the second one.
func (g *generator) classParent(i int) any {
	if i != 1 {
		return nil
	}
	return g.reference(detectionClasses, "parent of a class")
}

func (g *generator) detectionInstance() bson.D {
	return document(
		"_id", g.newID(), "_cls", "DetectionInstance", "file_id", g.reference(fileRecords, "file of a detection"),
		"detection_class_id", g.reference(detectionClasses, "class of a detection"),
		"detection_object_id", g.optional(detectionObjects, "object of a detection", 0.5), "group_name", "unknown",
		"bbox", nil, "confidence", 0.9, "embedding_id", "", "name", "cat", "is_virtual", true, "driver_type", "detection",
	)
}

// ucorefsRelations makes relations between files, and between a file and a detection.
func (g *generator) ucorefsRelations() {
	if len(g.ids[fileRecords]) == 0 || g.o.Relations == 0 {
		return
	}
	for _, name := range []string{"image-image", "image-detection"} {
		g.add(relationTypes, document(
			"_id", g.newID(), "_cls", "RelationType", "type_name", name, "description", "", "subtypes", bson.A{"duplicate"},
		))
	}
	for range g.o.Relations {
		g.add(relations, g.ucorefsRelation())
	}
}

func (g *generator) ucorefsRelation() bson.D {
	target, kind := fileRecords, 0
	if len(g.ids[detectionInstances]) > 0 && g.chance(0.4) {
		target, kind = detectionInstances, 1
	}
	kindID := g.refer(g.ids[relationTypes][kind])
	if g.dirty("dangling relation_type_id") {
		kindID = g.dangling()
	}
	return document(
		"_id", g.newID(), "_cls", "Relation", "source_id", g.reference(fileRecords, "source of a relation"),
		"target_id", g.reference(target, "target of a relation"), "relation_type_id", kindID,
		"relation_type", value(g.docs[relationTypes][kind], "type_name"), "subtype", "duplicate", "is_valid", true,
		"payload", nil,
	)
}
