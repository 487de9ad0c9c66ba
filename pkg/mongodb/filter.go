package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// In is the condition that a field holds one of ids, or is an array with one of them in it.
func In(field string, ids []bsonvalue.ID) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: "$in", Value: raws(ids)}}}}
}
