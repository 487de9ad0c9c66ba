package databaseoptimization

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Flaws of stored vectors besides those of package faiss, as the end of the sentence "5 vectors ...".
const (
	oddFile   faiss.Flaw = "of files whose id is no ObjectID"
	noFile    faiss.Flaw = "of files that do not exist"
	noNumbers faiss.Flaw = "that are no list of numbers"
)

// embedding is one stored vector. Its vector is valid until the next one is read.
type embedding struct {
	provider string // empty where it cannot name a file; then nothing else is set
	file     faiss.ObjectID
	flaw     faiss.Flaw
	unit     []float32 // the vector at length 1, if it has no flaw
}

// visit is what is done with each stored vector.
type visit = func(embedding) error

// vectorReader reads the declared sources of vectors once. Where several have a sound vector of a file and provider, it
// gives the first alone.
type vectorReader struct {
	lib     library.Library
	files   *bsonvalue.IDSet  // the files that exist
	learns  bool              // files is not known yet
	names   map[string]string // of the providers
	given   map[string]*bsonvalue.IDSet
	room    *tasks.Room // for files and given; nil: it has no end
	numbers []float64
	unit    []float32
}

// newVectorReader is for one reading. The files that exist are those of an earlier one; nil: it learns them.
func newVectorReader(lib library.Library, files *bsonvalue.IDSet) *vectorReader {
	r := &vectorReader{lib: lib, files: files, names: map[string]string{}, given: map[string]*bsonvalue.IDSet{}}
	if files == nil {
		r.files, r.learns = &bsonvalue.IDSet{}, true
	}
	return r
}

func (r *vectorReader) scan(ctx context.Context, env tasks.Env, each visit) error {
	for _, source := range r.lib.Vectors.Sources {
		if err := r.scanSource(ctx, env, source, each); err != nil {
			return err
		}
	}
	return nil
}

// scanSource learns the files that exist from the source itself where that is the files' own collection.
func (r *vectorReader) scanSource(ctx context.Context, env tasks.Env, s library.VectorSource, each visit) error {
	if own := s.Collection == r.lib.Files.Collection && s.File == "_id"; r.learns && !own {
		if err := r.learnFiles(ctx, env); err != nil {
			return err
		}
	}
	err := readAll(ctx, env, s.Collection, fieldsOf(s), func(doc bson.Raw) error {
		if r.learns {
			if err := r.learn(doc); err != nil {
				return err
			}
		}
		return r.read(s, doc, each)
	})
	r.learns = false
	return err
}

func (r *vectorReader) learnFiles(ctx context.Context, env tasks.Env) error {
	r.learns = false
	return readAll(ctx, env, r.lib.Files.Collection, []string{"_id"}, r.learn)
}

func (r *vectorReader) learn(file bson.Raw) error {
	r.files.Add(bsonvalue.Reference(file, "_id"))
	return r.room.Take(bytesOfFile)
}

func readAll(ctx context.Context, env tasks.Env, collection string, fields []string, each func(bson.Raw) error) error {
	return env.Scan(ctx, "reading "+collection, collection, mongodb.ScanOptions{Fields: fields}, each)
}

func fieldsOf(s library.VectorSource) []string {
	if s.Providers != "" {
		return []string{s.File, s.Providers}
	}
	return []string{s.File, s.Provider, s.Vector}
}

// read gives the vectors of one document of a source. A provider of a map that has no vector there has none.
func (r *vectorReader) read(s library.VectorSource, doc bson.Raw, each visit) error {
	var file, provider, providers, vector bson.RawValue
	for e := scan.Document(doc); e.Next(); {
		switch key := string(e.Key); {
		case key == s.File:
			first(&file, e.Value)
		case key == s.Providers:
			first(&providers, e.Value)
		case key == s.Provider:
			first(&provider, e.Value)
		case key == s.Vector:
			first(&vector, e.Value)
		}
	}
	if s.Providers == "" {
		name, _ := textOf(provider)
		return r.give(r.name(name), file, vector, each)
	}
	byProvider, _ := providers.DocumentOK()
	for e := scan.Document(byProvider); e.Next(); {
		if err := r.readEntry(s, e, file, each); err != nil {
			return err
		}
	}
	return nil
}

// readEntry gives the vector of a provider of a map, if there is one.
func (r *vectorReader) readEntry(s library.VectorSource, provider scan.Elements, file bson.RawValue, each visit) error {
	of, _ := provider.Value.DocumentOK()
	var vector bson.RawValue
	for e := scan.Document(of); e.Next(); {
		if string(e.Key) == s.Vector {
			first(&vector, e.Value)
		}
	}
	if vector.Type == 0 || vector.Type == bson.TypeNull {
		return nil
	}
	return r.give(r.name(provider.Key), file, vector, each)
}

// first keeps the first value of a field that a document has twice.
func first(kept *bson.RawValue, v bson.RawValue) {
	if kept.Type == 0 {
		*kept = v
	}
}

// textOf is the bytes of a text.
func textOf(v bson.RawValue) ([]byte, bool) {
	if v.Type != bson.TypeString {
		return nil, false
	}
	return v.Value[4 : len(v.Value)-1], true
}

// name is the name of a provider, made once; empty where it cannot name a file.
func (r *vectorReader) name(text []byte) string {
	if name, known := r.names[string(text)]; known {
		return name
	}
	name := string(text)
	if !faiss.IsProvider(name) {
		return ""
	}
	r.names[name], r.given[name] = name, &bsonvalue.IDSet{}
	return name
}

// give gives a vector, unless one of the same file and provider was given. The provider is what name says.
func (r *vectorReader) give(provider string, file, vector bson.RawValue, each visit) error {
	if provider == "" {
		return each(embedding{})
	}
	id, isObjectID := r.fileOf(file)
	e := embedding{provider: provider, file: faiss.ObjectID(id)}
	switch {
	case !isObjectID:
		e.flaw = oddFile
	case !r.files.Has(bsonvalue.ObjectID(id)):
		e.flaw = noFile
	case r.given[provider].Has(bsonvalue.ObjectID(id)):
		return nil
	default:
		e.unit, e.flaw = r.normalise(vector)
	}
	if e.flaw == faiss.Sound {
		r.given[provider].Add(bsonvalue.ObjectID(id))
		if err := r.room.Take(bytesOfVector); err != nil {
			return err
		}
	}
	return each(e)
}

// fileOf is the file that a reference leads to, which may be the hex text of its id.
func (r *vectorReader) fileOf(file bson.RawValue) (bson.ObjectID, bool) {
	if text, ok := file.StringValueOK(); ok && !r.files.Has(bsonvalue.Of(file)) {
		id, err := bson.ObjectIDFromHex(text)
		return id, err == nil
	}
	return file.ObjectIDOK()
}

func (r *vectorReader) normalise(stored bson.RawValue) ([]float32, faiss.Flaw) {
	var areNumbers bool
	if r.numbers, areNumbers = scan.Numbers(r.numbers[:0], stored); !areNumbers {
		return nil, noNumbers
	}
	r.unit = slices.Grow(r.unit[:0], len(r.numbers))[:len(r.numbers)]
	return r.unit, faiss.Normalise(r.unit, r.numbers)
}
