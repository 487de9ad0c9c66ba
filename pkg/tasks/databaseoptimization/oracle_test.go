package databaseoptimization_test

import (
	"math"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/faiss/faisstest"
	"ucorefs.io/maintenance/pkg/librarytest"
)

// entry is one vector that should be in an index, with the id of its file in hex.
type entry struct {
	file   string
	vector []float64
}

// indexed is what each provider's index should hold, recomputed in the slow and obvious way; a provider without any has none.
func indexed(docs map[string][]bson.Raw, declared map[string]int) map[string][]entry {
	exists := map[string]bool{}
	for _, file := range docs["file_records"] {
		exists[librarytest.Key(file.Lookup("_id"))] = true
	}
	whole := map[string][]entry{} // vectors of any dimension
	for _, doc := range docs["embeddings"] {
		provider, _ := doc.Lookup("provider").StringValueOK()
		id, isObjectID := doc.Lookup("file_id").ObjectIDOK()
		vector := numbers(doc.Lookup("vector"))
		if isObjectID && exists[librarytest.Key(doc.Lookup("file_id"))] && len(vector) > 0 {
			whole[provider] = append(whole[provider], entry{id.Hex(), vector})
		}
	}
	indexes := map[string][]entry{}
	for provider, entries := range whole {
		dimension := declared[provider]
		if dimension == 0 {
			dimension = mostFrequent(entries)
		}
		for _, e := range entries {
			if length := norm(e.vector); len(e.vector) == dimension && length > 0 && !math.IsNaN(length) && !math.IsInf(length, 0) {
				indexes[provider] = append(indexes[provider], e)
			}
		}
	}
	return indexes
}

// numbers are the elements of an array of numbers; nil where it is anything else.
func numbers(v bson.RawValue) (list []float64) {
	var elements []any
	if v.Unmarshal(&elements) != nil {
		return nil
	}
	for _, e := range elements {
		switch n := e.(type) {
		case float64:
			list = append(list, n)
		case int32:
			list = append(list, float64(n))
		case int64:
			list = append(list, float64(n))
		default:
			return nil
		}
	}
	return list
}

func mostFrequent(entries []entry) (best int) {
	count := map[int]int{}
	for _, e := range entries {
		count[len(e.vector)]++
	}
	for n := range count {
		if best == 0 || count[n] > count[best] || count[n] == count[best] && n < best {
			best = n
		}
	}
	return best
}

func norm(vector []float64) float64 {
	sum := 0.0
	for _, x := range vector {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// expectIndex compares what FAISS read with what should be there, in any order.
func expectIndex(t *testing.T, what string, want []entry, got faisstest.Index) {
	t.Helper()
	if len(got.ObjectIDs) != len(want) {
		t.Errorf("%s: the index has %d vectors, want %d", what, len(got.ObjectIDs), len(want))
		return
	}
	left := slices.Clone(want)
	for i, id := range got.ObjectIDs {
		at := slices.IndexFunc(left, func(e entry) bool { return e.file == id && parallel(e.vector, got.Vectors[i]) })
		if at < 0 {
			t.Errorf("%s: the vector of %s is not its own", what, id)
			return
		}
		left = slices.Delete(left, at, at+1)
	}
}

// parallel tells whether unit is vector at the length 1.
func parallel(vector []float64, unit []float32) bool {
	length := norm(vector)
	return slices.EqualFunc(vector, unit, func(x float64, u float32) bool { return math.Abs(x/length-float64(u)) < 1e-6 })
}
