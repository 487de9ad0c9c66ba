package connection_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Statements are counted for servers that have opcounters only.
func TestOwnStatementsAreThoseOfACommand(t *testing.T) {
	three := bson.A{bson.D{}, bson.D{}, bson.D{}}
	for name, c := range map[string]struct {
		command              bson.D
		commands, statements int64
	}{
		"insert": {bson.D{{Key: "insert", Value: "x"}, {Key: "documents", Value: three}}, 1, 3},
		"update": {bson.D{{Key: "update", Value: "x"}, {Key: "updates", Value: three}}, 1, 3},
		"delete": {bson.D{{Key: "delete", Value: "x"}, {Key: "deletes", Value: three}}, 1, 3},
		"find":   {bson.D{{Key: "find", Value: "x"}}, 1, 1}, "getMore": {bson.D{}, 1, 1},
		"aggregate": {bson.D{}, 1, 0}, "hello": {bson.D{}, 0, 0}, "endSessions": {bson.D{}, 0, 0},
	} {
		raw, err := bson.Marshal(c.command)
		if err != nil {
			t.Fatal(err)
		}
		if commands, statements := connection.Weigh(name, raw); commands != c.commands || statements != c.statements {
			t.Errorf("%s: %d commands, %d statements", name, commands, statements)
		}
	}
}
