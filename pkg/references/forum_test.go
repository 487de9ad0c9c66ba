package references

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// forum is a library in which deletions lead on, and references lead back: a comment goes with its post, a vote with
// its comment; posts list their comments, comments their answers, and an answer remembers what it answers.
const forum = `
library: forum
recognize: {any: [posts], unique: [posts]}
collections: {users: users, guests: guests, posts: posts, comments: comments, votes: votes}
references:
  - {from: posts.author_id, to: users, dangling: report, counts: author}
  - {from: "posts.comment_ids[]", to: comments, dangling: pull, counts: listed}
  - {from: posts.best_id, to: comments, dangling: clear, counts: best}
  - {from: comments.post_id, to: posts, dangling: delete, counts: comment}
  - {from: comments.answers_id, to: comments, dangling: clear, counts: answer}
  - {from: "comments.reader_ids[]", to: [users, guests], dangling: pull, counts: reader}
  - {from: votes.on_id, to: [comments, posts], dangling: delete, counts: vote}
counters:
  - {field: posts.comment_count, length: "posts.comment_ids[]", where: {locked: {not: true}}}
`

func declared(t testing.TB) library.Library {
	t.Helper()
	l, err := library.Read("forum.yaml", []byte(forum))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// documentsOf are documents by collection; each has its _id first.
type documentsOf map[string][]bson.D

func doc(id any, fields ...bson.E) bson.D {
	return append(bson.D{{Key: "_id", Value: id}}, fields...)
}

func field(name string, v any) bson.E { return bson.E{Key: name, Value: v} }

// server is a database with documents.
func server(t testing.TB, docs documentsOf) (mongotest.Server, *mongodb.Writer) {
	t.Helper()
	s := mongotest.New(t)
	for collection, list := range docs {
		if _, err := s.DB.Collection(collection).InsertMany(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	return s, mongotest.Writer(t, s.Connect(t, nil))
}

// stored is a document as JSON by collection and _id.
func stored(t testing.TB, s mongotest.Server, collections ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, c := range collections {
		for _, doc := range s.Documents(t, c) {
			all[c+" "+bsonvalue.Reference(doc, "_id").String()] = doc.String()
		}
	}
	return all
}
