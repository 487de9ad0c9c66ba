package databaseoptimization

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// flaw is why a stored vector cannot be in an index, as the end of the sentence "5 vectors ...".
type flaw string

const (
	sound     flaw = ""
	oddFile   flaw = "of files whose id is no ObjectID"
	noFile    flaw = "of files that do not exist"
	noNumbers flaw = "that are no list of numbers"
)

// embedding is a stored vector as an index wants it; what is in it is good until the next one is read.
type embedding struct {
	provider string // empty where it cannot name a file
	file     faiss.ObjectID
	vector   []float64
	flaw     flaw
}

// vectorReader reads the declared sources of vectors, each collection once. Of two sources with a vector of the same file and
// provider the first wins.
type vectorReader struct {
	lib library.Library
	// files are those that exist; complete tells that all are known.
	files    *mongodb.IDSet
	complete bool
	taken    map[string]*mongodb.IDSet // by provider, the files that a source read before has a vector of
	vector   []float64
}

func newVectorReader(lib library.Library) *vectorReader {
	return &vectorReader{lib: lib, files: &mongodb.IDSet{}}
}

// scan is one reading of all sources.
func (r *vectorReader) scan(ctx context.Context, env tasks.Env, each func(embedding) error) error {
	r.taken = map[string]*mongodb.IDSet{}
	sources := r.lib.Vectors.Sources
	if len(sources) == 0 || sources[0].Collection != r.lib.Files.Collection {
		if err := r.readFiles(ctx, env); err != nil {
			return err
		}
	}
	for _, source := range sources {
		if err := r.readSource(ctx, env, source, each); err != nil {
			return err
		}
		r.complete = r.complete || source.Collection == r.lib.Files.Collection
	}
	return nil
}

// readFiles learns which files exist, where no source tells.
func (r *vectorReader) readFiles(ctx context.Context, env tasks.Env) error {
	if r.complete {
		return nil
	}
	err := read(ctx, env, r.lib.Files.Collection, []string{"_id"}, func(doc bson.Raw) error {
		r.files.Add(mongodb.Reference(doc, "_id"))
		return nil
	})
	r.complete = err == nil
	return err
}

func read(ctx context.Context, env tasks.Env, collection string, fields []string, each func(bson.Raw) error) error {
	env.Progress.Start("reading "+collection, env.DB.Estimate(ctx, collection))
	defer env.Progress.Done()
	return env.DB.Scan(ctx, collection, mongodb.ScanOptions{Fields: fields}, func(doc bson.Raw) error {
		env.Progress.Add(1)
		return each(doc)
	})
}

func (r *vectorReader) readSource(ctx context.Context, env tasks.Env, s library.VectorSource, each func(embedding) error) error {
	own := s.Collection == r.lib.Files.Collection
	fields := []string{s.File, s.Provider, s.Vector}
	if s.Providers != "" {
		fields = []string{s.File, s.Providers}
	}
	return read(ctx, env, s.Collection, fields, func(doc bson.Raw) error {
		if own && !r.complete {
			r.files.Add(mongodb.Reference(doc, "_id"))
		}
		file := doc.Lookup(s.File)
		if s.Providers == "" {
			return r.give(doc.Lookup(s.Provider), file, doc.Lookup(s.Vector), each)
		}
		return r.giveAll(doc.Lookup(s.Providers), file, s.Vector, each)
	})
}

// giveAll gives the vectors of a map from provider to a document with a vector. A provider without the field has none there.
func (r *vectorReader) giveAll(providers, file bson.RawValue, field string, each func(embedding) error) error {
	byProvider, _ := providers.DocumentOK()
	elements, _ := byProvider.Elements()
	for _, e := range elements {
		of, _ := e.Value().DocumentOK()
		vector := of.Lookup(field)
		if vector.Type == 0 || vector.Type == bson.TypeNull {
			continue
		}
		if err := r.giveOne(e.Key(), file, vector, each); err != nil {
			return err
		}
	}
	return nil
}

func (r *vectorReader) give(provider, file, vector bson.RawValue, each func(embedding) error) error {
	name, _ := provider.StringValueOK()
	return r.giveOne(name, file, vector, each)
}

// giveOne gives a vector, unless a source before has one of the same file and provider.
func (r *vectorReader) giveOne(provider string, file, vector bson.RawValue, each func(embedding) error) error {
	e := embedding{}
	if faiss.IsProvider(provider) {
		e.provider = provider
	}
	id, isObjectID := r.fileOf(file)
	e.file = faiss.ObjectID(id)
	switch {
	case !isObjectID:
		e.flaw = oddFile
	case !r.files.Has(mongodb.ObjectID(id)):
		e.flaw = noFile
	case r.isTaken(provider, id):
		return nil
	case !r.readVector(vector):
		e.flaw = noNumbers
	default:
		r.take(provider, id)
	}
	e.vector = r.vector
	return each(e)
}

// fileOf is the file that a reference leads to, which may be the hex text of its id.
func (r *vectorReader) fileOf(file bson.RawValue) (bson.ObjectID, bool) {
	if text, ok := file.StringValueOK(); ok && !r.files.Has(mongodb.ValueOf(file)) {
		id, err := bson.ObjectIDFromHex(text)
		return id, err == nil
	}
	return file.ObjectIDOK()
}

func (r *vectorReader) isTaken(provider string, file bson.ObjectID) bool {
	return r.taken[provider] != nil && r.taken[provider].Has(mongodb.ObjectID(file))
}

func (r *vectorReader) take(provider string, file bson.ObjectID) {
	if faiss.Normalise(make([]float32, len(r.vector)), r.vector) != faiss.Sound {
		return // the next source may have a better one
	}
	if r.taken[provider] == nil {
		r.taken[provider] = &mongodb.IDSet{}
	}
	r.taken[provider].Add(mongodb.ObjectID(file))
}

func (r *vectorReader) readVector(stored bson.RawValue) bool {
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
