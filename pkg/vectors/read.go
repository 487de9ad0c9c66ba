package vectors

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/scan"
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

// source finds what is read of a document of a source.
type source struct {
	library.VectorSource
	fields *scan.Fields
	entry  *scan.Fields // of the document of a provider in a map; nil where a document has one vector
	// Positions in fields. With a map, provider is that of the map, and vector is one in entry.
	file, provider, vector int
}

func newSource(s library.VectorSource) source {
	f := scan.NewFields()
	if s.Providers == "" {
		return source{s, f, nil, f.Position(s.File), f.Position(s.Provider), f.Position(s.Vector)}
	}
	entry := scan.NewFields()
	return source{s, f, entry, f.Position(s.File), f.Position(s.Providers), entry.Position(s.Vector)}
}

// reader reads sources once. Where several have a sound vector of a file and provider, it gives the first alone.
type reader struct {
	sources   []source
	files     *bsonvalue.IDSet // the files that exist
	learns    bool             // files is not known yet
	providers map[string]*given
	take      func(bytes int64) error // is asked for what files and given hold
	numbers   []float64
	unit      []float32
}

// given is a provider, and the files of which its vector was given.
type given struct {
	provider string
	files    bsonvalue.IDSet
}

// newReader is for one reading. The files that exist are those of an earlier one; nil: it learns them.
func newReader(sources []library.VectorSource, files *bsonvalue.IDSet) *reader {
	r := &reader{files: files, learns: files == nil, providers: map[string]*given{},
		take: func(int64) error { return nil }}
	if r.learns {
		r.files = &bsonvalue.IDSet{}
	}
	for _, s := range sources {
		r.sources = append(r.sources, newSource(s))
	}
	return r
}

// readSources reads all sources. The files that exist are learned from a source itself where it is the first and the
// files' own collection.
func (r Run) readSources(ctx context.Context, in *reader, each visit) error {
	files := r.Library.Files.Collection
	for _, s := range in.sources {
		if in.learns && (s.Collection != files || s.File != "_id") {
			learn := func(file bson.Raw) error { return in.learn(file.Lookup("_id")) }
			if err := r.scan(ctx, files, []string{"_id"}, learn); err != nil {
				return err
			}
			in.learns = false
		}
		err := r.scan(ctx, s.Collection, s.fields.Names(), func(doc bson.Raw) error { return in.read(s, doc, each) })
		if err != nil {
			return err
		}
		in.learns = false
	}
	return nil
}

func (r *reader) learn(file bson.RawValue) error {
	r.files.Add(bsonvalue.Of(file))
	return r.take(BytesOfFile)
}

// read gives the vectors of one document of a source. A provider of a map that has no vector there has none.
func (r *reader) read(s source, doc bson.Raw, each visit) error {
	row := s.fields.Read(doc)
	if r.learns {
		if err := r.learn(row[scan.ID]); err != nil {
			return err
		}
	}
	if s.entry == nil {
		return r.give(textOf(row[s.provider]), row[s.file], row[s.vector], each)
	}
	byProvider, _ := row[s.provider].DocumentOK()
	for e := scan.Document(byProvider); e.Next(); {
		of, _ := e.Value.DocumentOK()
		vector := s.entry.Read(of)[s.vector]
		if vector.Type == 0 || vector.Type == bson.TypeNull {
			continue
		}
		if err := r.give(e.Key, row[s.file], vector, each); err != nil {
			return err
		}
	}
	return nil
}

// textOf is the bytes of a text; none of another value.
func textOf(v bson.RawValue) []byte {
	if v.Type != bson.TypeString {
		return nil
	}
	return v.Value[4 : len(v.Value)-1]
}

// give gives a vector, unless one of the same file and provider was given.
func (r *reader) give(provider []byte, file, vector bson.RawValue, each visit) error {
	to := r.provider(provider)
	if to == nil {
		return each(embedding{})
	}
	id, isObjectID := r.fileOf(file)
	e := embedding{provider: to.provider, file: faiss.ObjectID(id)}
	switch {
	case !isObjectID:
		e.flaw = oddFile
	case !r.files.Has(bsonvalue.ObjectID(id)):
		e.flaw = noFile
	case to.files.Has(bsonvalue.ObjectID(id)):
		return nil
	default:
		e.unit, e.flaw = r.normalise(vector)
	}
	if e.flaw == faiss.Sound {
		to.files.Add(bsonvalue.ObjectID(id))
		if err := r.take(bytesOfVector); err != nil {
			return err
		}
	}
	return each(e)
}

// provider is what is known of a provider; nil where its name cannot name a file.
func (r *reader) provider(name []byte) *given {
	if known := r.providers[string(name)]; known != nil || !faiss.IsProvider(string(name)) {
		return known
	}
	p := &given{provider: string(name)}
	r.providers[p.provider] = p
	return p
}

// fileOf is the file that a reference leads to, which may be the hex text of its id.
func (r *reader) fileOf(file bson.RawValue) (bson.ObjectID, bool) {
	if text, ok := file.StringValueOK(); ok && !r.files.Has(bsonvalue.Of(file)) {
		id, err := bson.ObjectIDFromHex(text)
		return id, err == nil
	}
	return file.ObjectIDOK()
}

func (r *reader) normalise(stored bson.RawValue) ([]float32, faiss.Flaw) {
	var areNumbers bool
	if r.numbers, areNumbers = scan.Numbers(r.numbers[:0], stored); !areNumbers {
		return nil, noNumbers
	}
	r.unit = slices.Grow(r.unit[:0], len(r.numbers))[:len(r.numbers)]
	return r.unit, faiss.Normalise(r.unit, r.numbers)
}
