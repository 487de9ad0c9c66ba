package vectors

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
)

func marshal(doc bson.D) bson.Raw {
	raw, err := bson.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return raw
}

// own is a file's own record with the vector of a provider.
func own(file any, provider string, vector any) bson.D {
	held := bson.D{{Key: provider, Value: bson.D{{Key: "vector", Value: vector}}}}
	return bson.D{{Key: "_id", Value: file}, {Key: "embeddings", Value: held}}
}

// record is a document of a vector of its own.
func record(provider, file, vector any) bson.D {
	return bson.D{{Key: "provider", Value: provider}, {Key: "file_id", Value: file}, {Key: "vector", Value: vector}}
}

// Seen to fail, the references in hex, when they had to be ObjectIDs.
func TestVectorsAreReadAsTheyAreAndNotAsTheyShouldBe(t *testing.T) {
	file, gone, textual := bson.NewObjectID(), bson.NewObjectID(), bson.NewObjectID().Hex()
	v, other := bson.A{3.0, 4.0}, bson.A{1.0, 0.0}
	zero, infinite := bson.A{0.0, 0.0}, bson.A{1.0, math.Inf(-1)}
	good := "clip of " + file.Hex() + " [0.6 0.8]"
	bad := func(why faiss.Flaw) []string { return []string{"clip, " + string(why)} }
	only := func(doc bson.D) []bson.D { return []bson.D{doc} }
	file1, record1 := only(own(file, "clip", v)), only(record("clip", file, v))
	for name, c := range map[string]struct {
		own, records []bson.D
		want         []string
	}{
		"in the file's record":              {file1, nil, []string{good}},
		"in a record of its own":            {nil, only(record("clip", file, bson.A{int32(3), int64(4)})), []string{good}},
		"in both, the file's record counts": {file1, only(record("clip", file, other)), []string{good}},
		"in both, by other forms of the id": {file1, only(record("clip", file.Hex(), other)), []string{good}},
		"in both, no index can hold the file's": {
			only(own(file, "clip", zero)), record1, append(bad(faiss.Zero), good)},
		"in both, the file's is null":              {only(own(file, "clip", nil)), record1, []string{good}},
		"twice in records of its own":              {nil, append(record1, record("clip", file, other)), []string{good}},
		"a map that is null":                       {only(bson.D{{Key: "embeddings", Value: nil}}), nil, nil},
		"a provider in the map that leads nowhere": {only(own(file, "../clip", v)), nil, []string{"nameless"}},
		"a file record whose id is text":           {only(own(textual, "clip", v)), nil, bad(oddFile)},
		"no provider":                              {nil, only(bson.D{}), []string{"nameless"}},
		"a provider that is a number":              {nil, only(record(1, file, v)), []string{"nameless"}},
		"a file in hex":                            {nil, only(record("clip", file.Hex(), v)), []string{good}},
		"a file in hex that is gone":               {nil, only(record("clip", gone.Hex(), v)), bad(noFile)},
		"a file that is gone":                      {nil, only(record("clip", gone, v)), bad(noFile)},
		"a file that is named by other text":       {nil, only(record("clip", "x", v)), bad(oddFile)},
		"a file whose id is text":                  {nil, only(record("clip", textual, v)), bad(oddFile)},
		"no file":                                  {nil, only(record("clip", nil, v)), bad(oddFile)},
		"a vector with an infinity":                {nil, only(record("clip", file, infinite)), bad(faiss.NotFinite)},
		"a vector of text":                         {nil, only(record("clip", file, bson.A{"1"})), bad(noNumbers)},
		"a vector that is no array":                {nil, only(record("clip", file, 1.0)), bad(noNumbers)},
		"a vector of nothing":                      {nil, only(record("clip", file, bson.A{})), bad(noNumbers)},
		"no vector":                                {nil, only(record("clip", file, nil)), bad(noNumbers)},
		"a vector that is shorter than the one before": {
			nil, []bson.D{record("blip", file, bson.A{0.0, 0.0, 2.0}), record("clip", file, v)},
			[]string{"blip of " + file.Hex() + " [0 0 1]", good}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, readings(t, []any{file, textual}, c.own, c.records)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// readings are what a reader gives of the documents of the desktop application's two sources, where these files exist.
func readings(t *testing.T, files []any, sources ...[]bson.D) (list []string) {
	t.Helper()
	lib, _ := library.Named(library.UCoreFSName)
	exist := &bsonvalue.IDSet{}
	for _, file := range files {
		exist.Add(bsonvalue.Reference(marshal(bson.D{{Key: "_id", Value: file}}), "_id"))
	}
	reader := newReader(lib.Vectors.Sources, exist)
	for i, docs := range sources {
		for _, doc := range docs {
			err := reader.read(reader.sources[i], marshal(doc), func(e embedding) error {
				list = append(list, e.words())
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return list
}

func (e embedding) words() string {
	switch {
	case e.provider == "":
		return "nameless"
	case e.flaw != faiss.Sound:
		return e.provider + ", " + string(e.flaw)
	}
	return fmt.Sprintf("%s of %x %v", e.provider, e.file, e.unit)
}

// Seen to fail when the numbers before the damage counted as the vector.
func TestAListThatIsCutShortIsNoVector(t *testing.T) {
	stored := marshal(bson.D{{Key: "vector", Value: bson.A{3.0, 4.0, 5.0}}}).Lookup("vector")
	stored.Value[4+2*11] = 0xee // the type of the last element: an element of a double in a short list has 11 bytes
	r := newReader(nil, &bsonvalue.IDSet{})
	if _, f := r.normalise(stored); f != noNumbers {
		t.Errorf("%q, %v", f, r.numbers)
	}
}
