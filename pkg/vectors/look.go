package vectors

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
)

// Look tells whether all indexes are still what the database says, without reading all vectors. In doubt they are not:
// no answer, no note, another file, another sample. The indexes of another database are an *OtherDatabaseError.
func (r Run) Look(ctx context.Context, folder *faiss.Folder) (*Facts, error) {
	if last, _ := readNote(folder); last.belongsTo(r.DB.Name()) != nil {
		return nil, last.belongsTo(r.DB.Name())
	}
	f := &Facts{}
	t, doubt, err := r.takeTally(ctx)
	if err == nil && doubt == "" {
		doubt, err = r.look(ctx, folder, t, f)
	}
	if f.Doubt = doubt; err == nil && doubt != "" {
		r.Log.Info("all vectors are read", "why", doubt)
	}
	return f, err
}

// look compares the indexes with the tally and with a sample.
func (r Run) look(ctx context.Context, folder *faiss.Folder, t tally, f *Facts) (doubt string, err error) {
	now := note{Version: noteVersion, ReadAt: r.Now, Database: r.DB.Name(), Declaration: r.Library.Digest, Tally: t}
	last, foreign := readNote(folder)
	if f.last = last; !foreign {
		next := now
		f.next = &next
	}
	if now.Indexes, err = folder.Glances(); err != nil {
		return "an index cannot be used: " + err.Error(), nil
	}
	if doubt = last.differs(now, r.ReadEvery); doubt != "" {
		return doubt, nil
	}
	return r.compareSample(ctx, folder, last)
}

// sampleSize is how many vectors of each index are compared with the database, chosen anew by each run.
const sampleSize = 64

// sample is some vectors.
type sample map[vectorKey][]float32

type vectorKey struct {
	provider string
	file     faiss.ObjectID
}

// compareSample compares some vectors of each index with what the database has for these files now, and says what
// differs.
func (r Run) compareSample(ctx context.Context, folder *faiss.Folder, n note) (doubt string, err error) {
	want, err := r.pickSample(folder, n)
	if err != nil {
		return err.Error(), nil
	}
	got, err := r.readSample(ctx, want.files())
	if err != nil {
		return "", err
	}
	for key, unit := range want {
		if !slices.Equal(unit, got[key]) {
			return "a vector of " + key.provider + " differs from the database", nil
		}
	}
	for key := range got {
		if _, has := n.Indexes[key.provider]; !has {
			return "there are vectors of " + key.provider + ", and no index", nil
		}
	}
	return "", nil
}

func (r Run) pickSample(folder *faiss.Folder, n note) (sample, error) {
	seed := fnv.New64a()
	seed.Write([]byte(r.ID))
	chance := rand.New(rand.NewPCG(seed.Sum64(), uint64(r.Now.UnixNano())))
	picked := sample{}
	for provider := range n.Indexes {
		keep := func(id faiss.ObjectID, unit []float32) { picked[vectorKey{provider, id}] = slices.Clone(unit) }
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
func (s sample) files() (ids []bsonvalue.ID) {
	seen := &bsonvalue.IDSet{}
	for key := range s {
		if id := bsonvalue.ObjectID(bson.ObjectID(key.file)); seen.Add(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// readSample reads the vectors of some files, as all of them are read for an index.
func (r Run) readSample(ctx context.Context, ids []bsonvalue.ID) (sample, error) {
	files, err := r.DB.Existing(ctx, r.Library.Files.Collection, ids)
	if err != nil {
		return nil, err
	}
	in, got := newReader(r.Library.Vectors.Sources, files), sample{}
	keep := func(e embedding) error {
		if e.provider != "" && e.flaw == faiss.Sound {
			got[vectorKey{e.provider, e.file}] = slices.Clone(e.unit)
		}
		return nil
	}
	for _, s := range in.sources {
		o := mongodb.ScanOptions{Fields: s.fields.Names(), Filter: mongodb.In(s.File, formsOf(s.VectorSource, ids))}
		err := r.DB.Scan(ctx, s.Collection, o, func(doc bson.Raw) error { return in.read(s, doc, keep) })
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
