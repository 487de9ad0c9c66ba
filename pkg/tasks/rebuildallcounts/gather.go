package rebuildallcounts

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are two looks at the counters; the second is limited to what differed in the first, and absent where nothing did.
type facts struct {
	kinds         [3]recount.Kind
	first, second reading
}

func gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	f.kinds = kindsOf(env.Model)
	if f.first, err = read(ctx, env, nil); err != nil || f.first.clean() {
		return f, err
	}
	env.Log.Info("counters differ: counting those once more")
	f.second, err = read(ctx, env, scopeOf(f.first))
	return f, err
}

// read counts: the small collections first, then one scan over the files.
func read(ctx context.Context, env tasks.Env, only *scope) (reading, error) {
	t := &tally{env: env, kinds: kindsOf(env.Model), counted: recount.NewTally(env.Model), limited: only != nil}
	if only != nil {
		t.only = *only
	}
	for _, step := range []func(context.Context) error{t.readTags, t.readAlbums, t.readDirectories, t.countFiles, t.countSmartAlbums} {
		if err := step(ctx); err != nil {
			return reading{}, err
		}
	}
	return t.reading(), nil
}

// tally is a reading under way.
type tally struct {
	env     tasks.Env
	kinds   [3]recount.Kind
	limited bool
	only    scope

	counted *recount.Tally
	// What is stored of each document that is counted.
	tags        mongodb.IDMap[[]mongodb.Value]
	albums      []album
	directories mongodb.IDMap[[]mongodb.Value]
	warnings    []string
}

func (t *tally) scan(ctx context.Context, collection string, filter any, fields []string, each func(doc bson.Raw, id mongodb.ID)) error {
	return t.env.DB.Scan(ctx, collection, mongodb.ScanOptions{Filter: filter, Fields: fields}, func(doc bson.Raw) error {
		each(doc, mongodb.Reference(doc, "_id"))
		return nil
	})
}

func (t *tally) readTags(ctx context.Context) error {
	k := t.kinds[tags]
	return t.scan(ctx, k.Collection, nil, k.Fields, func(doc bson.Raw, id mongodb.ID) {
		if has(t.limited, &t.only.tags, id) {
			t.counted.AddTag(id)
			t.tags.Put(id, k.Stored(doc))
		}
	})
}

// readDirectories reads all, since what a directory holds follows from those below it.
func (t *tally) readDirectories(ctx context.Context) error {
	k, parent := t.kinds[directories], t.env.Model.Directories.Parent
	return t.scan(ctx, k.Collection, nil, append([]string{parent}, k.Fields...), func(doc bson.Raw, id mongodb.ID) {
		t.counted.Directories.Add(id, mongodb.Reference(doc, parent))
		if has(t.limited, &t.only.directories, id) {
			t.directories.Put(id, k.Stored(doc))
		}
	})
}

// countFiles is the one scan over the files.
func (t *tally) countFiles(ctx context.Context) error {
	m := t.env.Model
	t.env.Progress.Start("counting files", t.env.DB.Estimate(ctx, m.Files.Collection))
	defer t.env.Progress.Done()
	return t.scan(ctx, m.Files.Collection, t.filter(), recount.FileFields(m), func(doc bson.Raw, _ mongodb.ID) {
		t.env.Progress.Add(1)
		t.counted.AddFile(doc)
	})
}

// fewIDs is how many ids a filter may name; beyond that a server reads everything with less work.
const fewIDs = 1000

// filter selects the files that matter to a limited reading; nil selects all.
func (t *tally) filter() any {
	if !t.limited {
		return nil
	}
	below, members := t.counted.Directories.Below(&t.only.directories), t.counted.Members()
	if t.only.tags.Len()+len(members)+len(below) > fewIDs {
		return nil
	}
	m := t.env.Model.Files
	return bson.D{{Key: "$or", Value: bson.A{
		mongodb.In(m.Tags, slices.Collect(t.only.tags.All())), mongodb.In(m.Parent, below), mongodb.In("_id", members),
	}}}
}

// reading is what came out: the documents that differ.
func (t *tally) reading() reading {
	r := reading{files: t.counted.Files, warnings: t.warnings}
	for id, stored := range t.tags.All() {
		r.keep(tags, recount.NewDocument(id, stored, t.counted.Tag(id)))
	}
	for _, a := range t.albums {
		if a.judged {
			r.keep(albums, recount.NewDocument(a.id, a.stored, t.count(a)))
		}
	}
	t.counted.Directories.Fold()
	for id, stored := range t.directories.All() {
		sums, _ := t.counted.Directories.At(id)
		r.keep(directories, recount.NewDocument(id, stored, sums.Directories+sums.Here, sums.Files, sums.Bytes))
	}
	return r
}
