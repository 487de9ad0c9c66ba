package mongotest

import (
	"os"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

// uriVariable is the connection string of a server that somebody has, for hack/on-mongodb.
const uriVariable = "MONGOTEST_URI"

// IsForeign tells whether Start is a server that may hold somebody's data.
func IsForeign() bool { return os.Getenv(uriVariable) != "" }

// foreign is a connection string that leads to no database yet.
func foreign(t testing.TB, uri string) string {
	t.Helper()
	parsed, err := connstring.Parse(uri)
	if err != nil {
		t.Fatalf("%s is no connection string", uriVariable) // the driver's error may quote it
	}
	if parsed.Database != "" {
		t.Fatalf("%s names the database %s: it must name no database, since the tests make their own",
			uriVariable, parsed.Database)
	}
	return uri
}

// isEmpty fails the test where a database holds anything.
func isEmpty(t testing.TB, db *mongo.Database) {
	t.Helper()
	names, err := db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatalf("look into the database %s: %v", db.Name(), err)
	}
	if len(names) > 0 {
		t.Fatalf("the database %s holds %v: nothing is done there", db.Name(), names)
	}
}
