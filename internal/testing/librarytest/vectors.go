package librarytest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Vectors are what the index of each provider should hold: by provider, by the hex text of the file's ObjectID, the
// vector as it is stored; an index holds it at length 1. A file belongs if its record exists with an ObjectID for its
// _id, in whatever form the reference is. A vector belongs if it is an array of finite numbers, not all zero, and as
// long as most of its provider's vectors are (the shorter length where two are equally frequent). Where both a file
// record and an embedding record hold such an array, the file record's counts. A provider without any vector is
// absent.
func (l Layout) Vectors(docs Docs) map[string]map[string][]float64 {
	found := &foundVectors{files: idsOf(docs)[fileRecords], vectors: map[string]map[string][]float64{}}
	if find := l.spec().vectors; find != nil {
		find(docs, found)
	}
	for _, of := range found.vectors {
		keepLength(of, usualLength(of))
	}
	return found.vectors
}

// foundVectors are the vectors found so far.
type foundVectors struct {
	files   ids
	vectors map[string]map[string][]float64
}

// add keeps a vector unless the file has one from an earlier source.
func (f *foundVectors) add(provider string, file, vector bson.RawValue) {
	id, _ := f.files.find(file)
	objectID, ok := id.ObjectIDOK()
	v := numbersOf(vector)
	if !ok || provider == "" || !indexable(v) {
		return
	}
	if f.vectors[provider] == nil {
		f.vectors[provider] = map[string][]float64{}
	}
	if f.vectors[provider][objectID.Hex()] == nil {
		f.vectors[provider][objectID.Hex()] = v
	}
}

// numbersOf are the elements of an array of numbers; nil where it is anything else.
func numbersOf(v bson.RawValue) (list []float64) {
	for _, e := range elements(v) {
		switch e.Type {
		case bson.TypeDouble:
			list = append(list, e.Double())
		case bson.TypeInt32, bson.TypeInt64:
			list = append(list, float64(e.AsInt64()))
		default:
			return nil
		}
	}
	return list
}

// indexable reports whether a vector can be brought to length 1.
func indexable(vector []float64) bool {
	sum := 0.0
	for _, x := range vector {
		sum += x * x
	}
	return sum > 0 && !math.IsInf(sum, 0)
}

func usualLength(vectors map[string][]float64) (usual int) {
	count := map[int]int{}
	for _, v := range vectors {
		count[len(v)]++
	}
	for n := range count {
		if usual == 0 || count[n] > count[usual] || count[n] == count[usual] && n < usual {
			usual = n
		}
	}
	return usual
}

func keepLength(vectors map[string][]float64, n int) {
	for file, v := range vectors {
		if len(v) != n {
			delete(vectors, file)
		}
	}
}
