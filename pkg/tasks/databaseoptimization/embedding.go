package databaseoptimization

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// flaw is why an embedding cannot be in an index, as the end of the sentence "5 embeddings ...".
type flaw string

const (
	sound     flaw = ""
	oddFile   flaw = "whose file is no ObjectID"
	noFile    flaw = "of files that do not exist"
	noNumbers flaw = "whose vector is no list of numbers"
)

// embedding is a document as an index wants it; what is in it is good until the next one is read.
type embedding struct {
	provider string // empty where it cannot name a file
	file     faiss.ObjectID
	vector   []float64
	flaw     flaw
}

// embeddingReader reads embeddings; files are the files that exist.
type embeddingReader struct {
	model  library.EmbeddingCollection
	files  *mongodb.IDSet
	vector []float64
}

// scan is one reading of all embeddings.
func (r *embeddingReader) scan(ctx context.Context, env tasks.Env, each func(embedding) error) error {
	m := r.model
	env.Progress.Start("reading embeddings", env.DB.Estimate(ctx, m.Collection))
	defer env.Progress.Done()
	return env.DB.Scan(ctx, m.Collection, mongodb.ScanOptions{Fields: []string{m.Provider, m.File, m.Vector}}, func(doc bson.Raw) error {
		env.Progress.Add(1)
		return each(r.read(doc))
	})
}

func (r *embeddingReader) read(doc bson.Raw) (e embedding) {
	if name, ok := doc.Lookup(r.model.Provider).StringValueOK(); ok && faiss.IsProvider(name) {
		e.provider = name
	}
	id, ok := doc.Lookup(r.model.File).ObjectIDOK()
	e.file = faiss.ObjectID(id)
	switch {
	case !ok:
		e.flaw = oddFile
	case !r.files.Has(mongodb.ObjectID(id)):
		e.flaw = noFile
	case !r.readVector(doc.Lookup(r.model.Vector)):
		e.flaw = noNumbers
	}
	e.vector = r.vector
	return e
}

func (r *embeddingReader) readVector(stored bson.RawValue) bool {
	r.vector = r.vector[:0]
	array, ok := stored.ArrayOK()
	if !ok {
		return false
	}
	values, err := array.Values()
	if err != nil {
		return false
	}
	for _, v := range values {
		switch v.Type {
		case bson.TypeDouble:
			r.vector = append(r.vector, v.Double())
		case bson.TypeInt32, bson.TypeInt64:
			r.vector = append(r.vector, float64(v.AsInt64()))
		default:
			return false
		}
	}
	return len(values) > 0
}
