package librarytest

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestVectors(t *testing.T) {
	a, b := bson.NewObjectID(), bson.NewObjectID()
	own := func(vector any) bson.D { return document("clip", document("model", "m", "vector", vector)) }
	record := func(id int32, file, vector any) bson.D {
		return document("_id", id, "file_id", file, "provider", "clip", "vector", vector)
	}
	type vectors = map[string][]float64
	for name, c := range map[string]struct {
		docs collections
		want vectors
	}{
		"the file record's own vector wins": {collections{
			fileRecords:      {document("_id", a, "embeddings", own(list(1.0, 0.0)))},
			embeddingRecords: {record(1, a, list(0.0, 1.0))},
		}, vectors{a.Hex(): {1, 0}}},
		"either source alone is enough": {collections{
			fileRecords:      {document("_id", a, "embeddings", own(list(1.0, 0.0))), document("_id", b, "embeddings", nil)},
			embeddingRecords: {record(1, b, list(int32(0), int64(1)))},
		}, vectors{a.Hex(): {1, 0}, b.Hex(): {0, 1}}},
		"an entry without a vector leaves it to the embedding record": {collections{
			fileRecords:      {document("_id", a, "embeddings", own(absent{}))},
			embeddingRecords: {record(1, a, list(0.0, 1.0))},
		}, vectors{a.Hex(): {0, 1}}},
		"a hex text leads to the file": {collections{
			fileRecords: {document("_id", a)}, embeddingRecords: {record(1, a.Hex(), list(0.0, 1.0))},
		}, vectors{a.Hex(): {0, 1}}},
		"a file that is gone, or whose id is no ObjectID, has none": {collections{
			fileRecords:      {document("_id", "text"), document("_id", b.Hex())},
			embeddingRecords: {record(1, a, list(0.0, 1.0)), record(2, "text", list(0.0, 1.0)), record(3, b, list(0.0, 1.0))},
		}, nil},
		"text, NaN, nothing and zero are no vectors": {collections{
			fileRecords: {
				document("_id", a, "embeddings", own(list(1.0, "1"))), document("_id", b, "embeddings", own(list(0.0, 0.0))),
			},
			embeddingRecords: {record(1, a, list(1.0, math.NaN())), record(2, b, list())},
		}, nil},
		"the shorter of two equally frequent lengths counts": {collections{
			fileRecords: {
				document("_id", a, "embeddings", own(list(1.0, 2.0, 3.0))), document("_id", b, "embeddings", own(list(1.0, 2.0))),
			},
		}, vectors{b.Hex(): {1, 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, UCoreFS.Vectors(Raw(c.docs))["clip"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheWebApplicationsModelIsTheProvider(t *testing.T) {
	file := bson.NewObjectID()
	docs := Raw(collections{
		fileRecords: {document("_id", file)},
		embeddings:  {document("_id", int32(1), "file_id", file, "model", "blip", "embedding", list(3.0))},
	})
	want := map[string]map[string][]float64{"blip": {file.Hex(): {3}}}
	if diff := cmp.Diff(want, Web.Vectors(docs)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A library in which both sources differ, or only one has a vector, is what tells the two apart.
func TestGeneratedLibrariesHaveVectorsInEitherSourceAndInBoth(t *testing.T) {
	only, both, different := map[string]int{}, 0, 0
	docs := GenerateWith(1, clean(UCoreFS)).Raw()
	files := UCoreFS.Vectors(Docs{fileRecords: docs[fileRecords]})["clip"]
	records := UCoreFS.Vectors(recordsAlone(docs))["clip"]
	for file, vector := range UCoreFS.Vectors(docs)["clip"] {
		switch own, other := files[file], records[file]; {
		case other == nil:
			only["the file record"]++
		case own == nil:
			only["an embedding record"]++
		default:
			both++
			if !cmp.Equal(own, other) {
				different++
			}
			if !cmp.Equal(vector, own) {
				t.Errorf("the vector of %s is not the file record's", file)
			}
		}
	}
	if len(only) != 2 || both == different || different == 0 {
		t.Errorf("only in %v, in both %d, of which differ %d", only, both, different)
	}
}

// recordsAlone is docs with file records that hold no vector.
func recordsAlone(docs Docs) Docs {
	alone := Docs{embeddingRecords: docs[embeddingRecords]}
	for _, file := range docs[fileRecords] {
		alone[fileRecords] = append(alone[fileRecords], With(file, "embeddings", nil))
	}
	return alone
}
