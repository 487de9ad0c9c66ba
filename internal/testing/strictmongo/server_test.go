package strictmongo_test

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// open is the driver's view of a database of a server.
func open(t *testing.T, uri string) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database("library")
}

// d is a document, of names and values in turn.
func d(pairs ...any) bson.D {
	doc := bson.D{}
	for i := 0; i < len(pairs); i += 2 {
		doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return doc
}

// codeOf is the server's error code; 0 is none.
func codeOf(t *testing.T, err error) int {
	t.Helper()
	var command mongo.CommandError
	var write mongo.WriteException
	switch {
	case err == nil:
		return 0
	case errors.As(err, &command):
		return int(command.Code)
	case errors.As(err, &write) && len(write.WriteErrors) > 0:
		return write.WriteErrors[0].Code
	case errors.As(err, &write) && write.WriteConcernError != nil:
		return write.WriteConcernError.Code
	}
	t.Fatalf("an error without a code: %v", err)
	return -1
}

func TestEveryFormIsConnectedToAndKeepsDocuments(t *testing.T) {
	for _, form := range strictmongo.Forms {
		t.Run(form.String(), func(t *testing.T) {
			uri := strictmongo.Start(t, strictmongo.Options{Form: form}).URI
			if form == strictmongo.DocumentDB {
				uri += "?retryWrites=false"
			}
			c := open(t, uri).Collection("things")
			for i := range 300 {
				if _, err := c.InsertOne(t.Context(), d("_id", i, "v", i%3)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := c.UpdateOne(t.Context(), d("_id", 7), d("$set", d("a.b", 1))); err != nil {
				t.Fatal(err)
			}
			if _, err := c.DeleteMany(t.Context(), d("v", 0)); err != nil {
				t.Fatal(err)
			}
			var found []bson.Raw
			cursor, err := c.Find(t.Context(), d("_id", d("$gt", 4)), options.Find().SetBatchSize(10).SetSort(d("_id", 1)))
			if err == nil {
				err = cursor.All(t.Context(), &found)
			}
			if err != nil || len(found) != 197 || found[1].Lookup("a", "b").AsInt64() != 1 {
				t.Errorf("%d documents, %v, %v", len(found), found[:2], err)
			}
		})
	}
}

// Each row is a command to a standalone's database and the code of the error that MongoDB answers it with; 0 is none.
func TestWhatTheServerRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		command bson.D
		code    int
	}{
		"an unknown command":            {d("reIndex", "things"), 59},
		"an unknown field of a command": {d("find", "things", "filtre", d()), 40415},
		"an unknown operator":           {d("find", "things", "filter", d("a", d("$near", 1))), 2},
		"code":                          {d("find", "things", "filter", d("$where", "true")), 2},
		"an operator in $in": {d("find", "things", "filter", d("a", d("$in", bson.A{d("$x", 1)}))),
			2},
		"a DBRef in $in is none": {d("find", "things", "filter",
			d("a", d("$in", bson.A{d("$ref", "x", "$id", 1)}))), 0},
		"an empty $and":                   {d("find", "things", "filter", d("$and", bson.A{})), 2},
		"an empty $not":                   {d("find", "things", "filter", d("a", d("$not", d()))), 2},
		"a type that is none":             {d("find", "things", "filter", d("a", d("$type", 77))), 2},
		"a pattern that is none":          {d("find", "things", "filter", d("a", d("$regex", "("))), 51091},
		"a dollar in a projection":        {d("find", "things", "projection", d("$x", 1)), 16410},
		"a field in another's projection": {d("find", "things", "projection", d("a", 1, "a.b", 1)), 31249},
		"a field twice in a projection":   {d("find", "things", "projection", d("a", 1, "a", 1)), 31249},
		"an expression that is not known": {d("find", "things", "filter", d("$expr", d("$where", 1))), 168},
		"a comparison of one expression": {d("find", "things", "filter", d("$expr", d("$eq", bson.A{"$$ROOT"}))),
			16020},
		"a stage that is not known": {d("aggregate", "things", "pipeline", bson.A{d("$lookup", d())},
			"cursor", d()), 40324},
		"a cursor that is not there":   {d("getMore", int64(5), "collection", "things"), 43},
		"the indexes of no collection": {d("listIndexes", "nothing"), 26},
		"a commit quorum on a standalone": {d("createIndexes", "things", "indexes",
			bson.A{d("key", d("a", 1), "name", "a")}, "commitQuorum", 1), 2},
		"a transaction number on a standalone": {d("insert", "things", "documents", bson.A{d("_id", 9)}, "txnNumber",
			int64(1)), 20},
		"a collection that is there": {d("create", "things"), 48},
		"another index of the same name": {d("createIndexes", "things", "indexes",
			bson.A{d("key", d("b", 1), "name", "unique")}), 86},
		"an index with other options": {d("createIndexes", "things", "indexes",
			bson.A{d("key", d("u", 1), "name", "unique2")}), 85},
		"a unique index over what is twice": {d("createIndexes", "things", "indexes",
			bson.A{d("key", d("v", 1), "name", "v", "unique", true)}), 11000},
		"nothing of the Stable API":                   {d("collStats", "things", "apiVersion", "1", "apiStrict", true), 323},
		"what is of the Stable API":                   {d("count", "things", "apiVersion", "1", "apiStrict", true), 0},
		"a dry run of compact before 8.0":             {d("compact", "things", "dryRun", true), 40415},
		"a bulk without operations":                   {d("insert", "things", "documents", bson.A{}), 16},
		"listing all collections needs no right here": {d("listCollections", 1), 0},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, strictmongo.Start(t, strictmongo.Options{}).URI)
			things := bson.A{d("_id", 1, "u", 1, "v", 1), d("_id", 2, "u", 2, "v", 1)}
			for _, prepare := range []bson.D{
				d("insert", "things", "documents", things),
				d("createIndexes", "things", "indexes", bson.A{d("key", d("u", 1), "name", "unique", "unique", true)}),
			} {
				if err := db.RunCommand(t.Context(), prepare).Err(); err != nil {
					t.Fatal(err)
				}
			}
			if got := codeOf(t, db.RunCommand(t.Context(), c.command).Err()); got != c.code {
				t.Errorf("code %d, want %d", got, c.code)
			}
		})
	}
}

// Each row is one operation of a bulk on a document {_id: 1, n: 1, list: [1]} and the code of its own error.
func TestWhatTheServerRefusesOfABulk(t *testing.T) {
	large := make([]byte, strictmongo.MaxDocument)
	set := func(update any) bson.D {
		return d("update", "things", "updates", bson.A{d("q", d("_id", 1), "u", update)})
	}
	insert := func(doc bson.D) bson.D { return d("insert", "things", "documents", bson.A{doc}) }
	for name, c := range map[string]struct {
		command bson.D
		code    int32
	}{
		"an _id that is there":            {insert(d("_id", 1.0)), 11000},
		"an _id that is an array":         {insert(d("_id", bson.A{})), 53},
		"a dollar in an _id":              {insert(d("_id", d("$x", 1))), 52},
		"a dollar elsewhere":              {insert(d("_id", 2, "$x", d("$y", 1), "a.b", 1)), 0},
		"a change of the _id":             {set(d("$set", d("_id", 2))), 66},
		"a replacement of the _id":        {set(d("_id", 2)), 66},
		"a replacement with a dollar":     {set(d("a", 1, "$x", 2)), 52},
		"an update of a dollar":           {set(d("$set", d("$x", 2))), 52},
		"an update of nothing's name":     {set(d("$set", d("a..b", 2))), 56},
		"a field below a number":          {set(d("$set", d("n.x", 2))), 28},
		"an element of an array":          {set(d("$set", d("list.0", 2))), 0},
		"an unknown update":               {set(d("$rename", d("a", "b"))), 9},
		"a document that grows too large": {set(d("$set", d("big", large[:strictmongo.MaxDocument-10]))), 17419},
		"an unknown operator of a query": {d("delete", "things", "deletes", bson.A{d("q", d("a", d("$x", 1)), "limit", 1)}),
			2},
		"a value with a dollar": {set(d("$set", d("a", "$b"))), 0},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, strictmongo.Start(t, strictmongo.Options{}).URI)
			if err := db.RunCommand(t.Context(), insert(d("_id", 1, "n", 1, "list", bson.A{1}))).Err(); err != nil {
				t.Fatal(err)
			}
			if got := onlyWriteError(t, db, c.command); got != c.code {
				t.Errorf("code %d, want %d", got, c.code)
			}
		})
	}
}

// onlyWriteError is the code of the one error in a bulk's answer; 0 is none.
func onlyWriteError(t *testing.T, db *mongo.Database, command bson.D) int32 {
	t.Helper()
	err := db.RunCommand(t.Context(), command).Err()
	return int32(codeOf(t, err))
}
