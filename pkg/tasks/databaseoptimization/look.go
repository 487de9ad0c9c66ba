package databaseoptimization

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// nothing is the filter of all documents.
var nothing = bson.D{}

// look is what is known of the indexes without reading all vectors.
type look struct {
	note    note
	foreign bool   // another program has a file of the note's name
	tally   *tally // nil: the next run cannot rely on one
	why     string // why all vectors are read; empty: they need not be
}

// takeLook tells whether all indexes are still what the database says. In doubt they are not: no answer, no note, another
// file, another sample.
func takeLook(ctx context.Context, env tasks.Env, folder *faiss.Folder) (l look, err error) {
	l.note, l.foreign = readNote(folder)
	if l.tally, l.why, err = takeTally(ctx, env); err != nil || l.why != "" {
		return l, err
	}
	indexes, usable := glances(folder)
	if !usable {
		l.why = "an index cannot be used"
		return l, nil
	}
	if l.why = l.note.differs(env, *l.tally, indexes); l.why == "" {
		l.why, err = compareSample(ctx, env, folder, l.note)
	}
	return l, err
}

// sampleSize is how many vectors of each index are compared with the database, chosen anew by each run.
const sampleSize = 64

// vectorsByFile are the vectors of files, by provider.
type vectorsByFile map[string]map[faiss.ObjectID][]float32

// compareSample compares some vectors of each index with what the database has for these files now, and says what
// differs.
func compareSample(ctx context.Context, env tasks.Env, folder *faiss.Folder, n note) (string, error) {
	want, err := pickSample(env, folder, n)
	if err != nil {
		return err.Error(), nil
	}
	got, err := readSample(ctx, env, want.files())
	if err != nil {
		return "", err
	}
	for provider, vectors := range want {
		for file, unit := range vectors {
			if !slices.Equal(unit, got[provider][file]) {
				return "a vector of " + provider + " differs from the database", nil
			}
		}
	}
	for provider := range got {
		if want[provider] == nil {
			return "there are vectors of " + provider + ", and no index", nil
		}
	}
	return "", nil
}

func pickSample(env tasks.Env, folder *faiss.Folder, n note) (vectorsByFile, error) {
	seed := fnv.New64a()
	seed.Write([]byte(env.RunID))
	chance := rand.New(rand.NewPCG(seed.Sum64(), uint64(env.Now.UnixNano())))
	picked := vectorsByFile{}
	for provider := range n.Indexes {
		picked[provider] = map[faiss.ObjectID][]float32{}
		keep := func(id faiss.ObjectID, unit []float32) { picked[provider][id] = slices.Clone(unit) }
		if err := folder.Pick(provider, func(count int64) []int64 { return choose(chance, count) }, keep); err != nil {
			return nil, err
		}
	}
	return picked, nil
}

// choose chooses some of so many positions, or all of a few.
func choose(chance *rand.Rand, count int64) (positions []int64) {
	for i := range min(count, sampleSize) {
		if count > sampleSize {
			i = chance.Int64N(count)
		}
		positions = append(positions, i)
	}
	return positions
}

// files are the files of which there are vectors.
func (v vectorsByFile) files() (ids []bsonvalue.ID) {
	seen := &bsonvalue.IDSet{}
	for _, vectors := range v {
		for file := range vectors {
			if id := bsonvalue.ObjectID(bson.ObjectID(file)); seen.Add(id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// readSample reads the vectors of some files, as all of them are read for an index.
func readSample(ctx context.Context, env tasks.Env, ids []bsonvalue.ID) (vectorsByFile, error) {
	files, err := env.DB.Existing(ctx, env.Library.Files.Collection, ids)
	if err != nil {
		return nil, err
	}
	reader, got := newVectorReader(env.Library, files), vectorsByFile{}
	keep := func(e embedding) error {
		if e.provider == "" || e.flaw != faiss.Sound {
			return nil
		}
		if got[e.provider] == nil {
			got[e.provider] = map[faiss.ObjectID][]float32{}
		}
		got[e.provider][e.file] = slices.Clone(e.unit)
		return nil
	}
	for _, s := range env.Library.Vectors.Sources {
		o := mongodb.ScanOptions{Fields: fieldsOf(s), Filter: mongodb.In(s.File, formsOf(s, ids))}
		err := env.DB.Scan(ctx, s.Collection, o, func(doc bson.Raw) error { return reader.read(s, doc, keep) })
		if err != nil {
			return nil, err
		}
	}
	return got, nil
}

// formsOf are the ids in the forms in which a source may refer to them: hex text as well, but for a file's own _id.
func formsOf(s library.VectorSource, ids []bsonvalue.ID) []bsonvalue.ID {
	if s.File == "_id" {
		return ids
	}
	forms := slices.Clone(ids)
	for _, id := range ids {
		forms = append(forms, bsonvalue.Text(id.Raw().ObjectID().Hex()))
	}
	return forms
}
