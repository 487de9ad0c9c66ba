// Package vectors compares the stored vectors of a library with the FAISS indexes in a folder, and writes the indexes
// that differ. Package faiss describes the files.
//
// There is one index for each provider, with one vector for each file that exists, scaled to length 1. The vectors come
// from the declared sources: of several sound ones of a file and provider, the first counts. A sound vector is a list
// of finite numbers that are not all zero. Vectors that are not sound are left out and counted, and so are those whose
// length is not the declared one (without a declaration: the most frequent one), and those whose file does not exist or
// has no ObjectID.
//
// Each source is read at most once: while it is read, the vectors go to drafts, one of which becomes the index. Where
// there can be no draft, the source is read once more to write the index. No source is read while nothing shows a
// change: the server counts the same as before the last reading, the index files are the same, and a sample of each,
// chosen by the run, agrees with the database. In doubt, and every so often, all is read.
//
// Memory holds some 16 bytes for each file that exists, and 28 for each vector. Which files exist is learned from the
// first source where that is the files' own collection.
//
// The package must not write to the database, replace an index by an empty one, or know who runs it.
package vectors

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/progress"
)

// Run is one run over the vectors of a library, which must declare vectors and files.
type Run struct {
	DB       *mongodb.Reader
	Library  library.Library
	Progress *progress.Progress
	Log      *slog.Logger
	// ID chooses the sample.
	ID string
	// Now is when the run began.
	Now time.Time
	// ReadEvery is after how long all vectors are read although nothing shows a change.
	ReadEvery time.Duration
}

func (r Run) scan(ctx context.Context, collection string, fields []string, each func(bson.Raw) error) error {
	r.Progress.Start("reading "+collection, r.DB.Estimate(ctx, collection))
	defer r.Progress.Done()
	return r.DB.Scan(ctx, collection, mongodb.ScanOptions{Fields: fields, Used: r.Progress.Add}, each)
}

// What is held of a file is its id, and of a vector the id of its file, and that once more for the index. All in bytes.
const (
	BytesOfFile   = 16
	bytesOfVector = 16 + 12
)

// Facts are the stored vectors, counted, and the present indexes.
type Facts struct {
	// Doubt is why all vectors have to be read; empty: the last reading vouches for all indexes, and nothing was read.
	Doubt string

	last       note  // of the last reading
	next       *note // for the runs to come, but for its indexes; nil: there can be none
	dimensions map[string]int
	folder     *faiss.Folder
	drafts     int              // that were begun
	files      *bsonvalue.IDSet // those that exist
	providers  map[string]*provider
	nameless   int64 // vectors whose provider cannot name a file
}

// provider is what one provider has in the database and in the folder. Which length counts is for the plan to say.
type provider struct {
	declared int                  // the length of its vectors, 0 where none is declared
	drafts   map[int]*faiss.Draft // by the length of the vectors
	flaws    map[faiss.Flaw]int64
	present  faiss.Sidecar
	unusable error // why there is no present index, or none that can be used
}

// ReadAll reads all vectors and all present indexes, as it must be where a Look was in doubt. It asks take for the
// bytes that it holds from then on.
func (r Run) ReadAll(ctx context.Context, folder *faiss.Folder, f *Facts, take func(bytes int64) error) error {
	reader := newReader(r.Library.Vectors.Sources, nil)
	reader.take = take
	f.dimensions, f.folder, f.files, f.providers = r.Library.Vectors.Dimensions, folder, reader.files,
		map[string]*provider{}
	if err := r.readSources(ctx, reader, func(e embedding) error { f.add(e); return nil }); err != nil {
		return err
	}
	if err := f.readPresent(); err != nil {
		return inFolder(err)
	}
	f.dropUnneeded()
	return nil
}

func (f *Facts) add(e embedding) {
	if e.provider == "" {
		f.nameless++
		return
	}
	p := f.provider(e.provider)
	if e.flaw != faiss.Sound {
		p.flaws[e.flaw]++
		return
	}
	n := len(e.unit)
	if p.drafts[n] == nil {
		p.drafts[n] = f.draft(p, n)
	}
	p.drafts[n].Add(e.file, e.unit)
}

func (f *Facts) provider(name string) *provider {
	if f.providers[name] == nil {
		f.providers[name] = &provider{
			declared: f.dimensions[name], drafts: map[int]*faiss.Draft{}, flaws: map[faiss.Flaw]int64{},
		}
	}
	return f.providers[name]
}

// maxDrafts bounds the files that hold vectors while the sources are read. A clean library has one provider or two,
// each with vectors of one length.
const maxDrafts = 16

// draft is for the vectors of a provider that have n numbers. Those that no index will hold are not kept.
func (f *Facts) draft(p *provider, n int) *faiss.Draft {
	if f.drafts == maxDrafts || p.declared != 0 && p.declared != n {
		return &faiss.Draft{}
	}
	f.drafts++
	return f.folder.Draft(n)
}

// readPresent reads and checks the index files of every provider that has vectors or index files.
func (f *Facts) readPresent() error {
	inFolder, err := f.folder.Providers()
	if err != nil {
		return err
	}
	for _, name := range inFolder {
		f.provider(name)
	}
	for name, p := range f.providers {
		p.present, p.unusable = f.folder.Present(name)
		if err := p.unusable; err != nil && !faiss.IsUnusable(err) && !errors.As(err, new(*faiss.DamagedError)) {
			return err
		}
	}
	return nil
}

// dropUnneeded lets go of the drafts of which no index will be made.
func (f *Facts) dropUnneeded() {
	for _, p := range f.providers {
		dimension := p.dimension()
		for n, draft := range p.drafts {
			if n != dimension || p.differs(n) == "" {
				draft.Drop()
			}
		}
	}
}
