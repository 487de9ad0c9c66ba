package strictmongo_test

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

func TestAnUnorderedBulkGoesOnBehindAnError(t *testing.T) {
	c := open(t, strictmongo.Start(t, strictmongo.Options{}).URI).Collection("things")
	docs := []any{d("_id", 1), d("_id", 1), d("_id", 2)}
	_, err := c.InsertMany(t.Context(), docs, options.InsertMany().SetOrdered(false))
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || len(bulk.WriteErrors) != 1 || bulk.WriteErrors[0].Index != 1 ||
		bulk.WriteErrors[0].Code != 11000 {
		t.Errorf("got %v", err)
	}
	if n, err := c.CountDocuments(t.Context(), d()); n != 2 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

func TestCollectionsThatAreSpecial(t *testing.T) {
	s := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	db := open(t, s.URI)
	s.CreateCollection(t, "library", "capped", strictmongo.CollectionOptions{Capped: true})
	s.CreateCollection(t, "library", "valid", strictmongo.CollectionOptions{Validator: d("v", d("$type", "int"))})
	s.CreateCollection(t, "library", "folded", strictmongo.CollectionOptions{IgnoresCase: true})
	s.CreateCollection(t, "library", "view", strictmongo.CollectionOptions{ViewOn: "folded"})
	for _, name := range []string{"capped", "folded"} {
		if _, err := db.Collection(name).InsertOne(t.Context(), d("_id", "A", "v", "B")); err != nil {
			t.Fatal(err)
		}
	}
	_, deleted := db.Collection("capped").DeleteOne(t.Context(), d("_id", "A"))
	_, grown := db.Collection("capped").UpdateOne(t.Context(), d("_id", "A"), d("$set", d("v", "longer")))
	_, invalid := db.Collection("valid").InsertOne(t.Context(), d("_id", 1, "v", "no number"))
	_, twice := db.Collection("folded").InsertOne(t.Context(), d("_id", "a"))
	_, viewed := db.Collection("view").InsertOne(t.Context(), d("_id", "b"))
	for name, c := range map[string]struct {
		err  error
		code int
	}{
		"a deletion from a capped collection": {deleted, 20}, "a document that grows in one": {grown, 10003},
		"a document that a validator refuses": {invalid, 121}, "an _id that differs only in case": {twice, 11000},
		"a write to a view": {viewed, 166},
	} {
		if got := codeOf(t, c.err); got != c.code {
			t.Errorf("%s: code %d, want %d", name, got, c.code)
		}
	}
	if n, err := db.Collection("view").CountDocuments(t.Context(), d("v", "b")); n != 1 || err != nil {
		t.Errorf("a view of a collection that ignores case finds %d, %v", n, err)
	}
}

func TestAMajorityThatNeverComes(t *testing.T) {
	db := open(t, strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, NoMajority: true}).URI)
	insert := func(id int, concern bson.D) error {
		return db.RunCommand(t.Context(), d("insert", "things", "documents", bson.A{d("_id", id)}, "writeConcern",
			concern)).Err()
	}
	if got := codeOf(t, insert(1, d("w", "majority", "wtimeout", 1000))); got != 64 {
		t.Errorf("code %d, want 64", got)
	}
	if err := insert(2, d("w", 1)); err != nil {
		t.Errorf("a write to one member: %v", err)
	}
	local := db.Collection("things", options.Collection().SetWriteConcern(writeconcern.W1()))
	if n, err := local.CountDocuments(t.Context(), d()); n != 2 || err != nil {
		t.Errorf("%d documents, %v: a write that is not confirmed is written all the same", n, err)
	}
}

func TestAUserHasTheRightsOfTheRoleOnly(t *testing.T) {
	s := strictmongo.Start(t, strictmongo.Options{})
	role := []strictmongo.Privilege{{Database: "library", Collection: "things", Actions: []string{"find", "update"}}}
	all, some := open(t, s.URI), open(t, s.URIOf(t, role))
	for _, name := range []string{"things", "others"} {
		if _, err := all.Collection(name).InsertOne(t.Context(), d("_id", 1)); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		command bson.D
		code    int
	}{
		"what it may":        {d("find", "things"), 0},
		"another collection": {d("find", "others"), 13},
		"another action":     {d("delete", "things", "deletes", bson.A{d("q", d(), "limit", 0)}), 13},
		"an update that inserts": {d("update", "things", "updates", bson.A{d("q", d("_id", 2), "u", d("v", 1), "upsert",
			true)}), 13},
		"an update":                {d("update", "things", "updates", bson.A{d("q", d("_id", 1), "u", d("v", 1))}), 0},
		"a list of all":            {d("listCollections", 1), 13},
		"a list of what it may":    {d("listCollections", 1, "nameOnly", true, "authorizedCollections", true), 0},
		"the state of the cluster": {d("serverStatus", 1), 13},
	} {
		if got := codeOf(t, some.RunCommand(t.Context(), c.command).Err()); got != c.code {
			t.Errorf("%s: code %d, want %d", name, got, c.code)
		}
	}
}

func TestFaults(t *testing.T) {
	s := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	c := open(t, s.URI).Collection("things")
	var next *strictmongo.Fault
	s.Watch(func(strictmongo.Command) *strictmongo.Fault { defer func() { next = nil }(); return next })
	for name, f := range map[string]struct {
		fault strictmongo.FaultKind
		code  int
		there int64
	}{
		"a command that is refused":                       {strictmongo.CommandError, 8, 0},
		"an operation that is refused":                    {strictmongo.WriteError, 8, 0},
		"a write that is not confirmed":                   {strictmongo.ConcernError, 8, 1},
		"a connection cut before is mended by the driver": {strictmongo.CutBefore, 0, 1},
	} {
		id := d("_id", name)
		next = &strictmongo.Fault{Error: strictmongo.Error{Code: 8, Name: "UnknownError"}, As: f.fault}
		_, err := c.InsertOne(t.Context(), id)
		if got := codeOf(t, err); got != f.code {
			t.Errorf("%s: code %d, want %d", name, got, f.code)
		}
		if n, err := c.CountDocuments(t.Context(), id); n != f.there || err != nil {
			t.Errorf("%s: %d documents, %v", name, n, err)
		}
	}
}
