package rebuildallcounts

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are two looks at the counters; the second is limited to what differed in the first, and absent where nothing did.
type facts struct {
	first, second reading
}

func gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	if f.first, err = read(ctx, env, nil); err != nil || f.first.clean() {
		return f, err
	}
	env.Log.Info("counters differ: counting those once more")
	f.second, err = read(ctx, env, scopeOf(f.first))
	return f, err
}

// read counts: the small collections first, then one scan over the files.
func read(ctx context.Context, env tasks.Env, only *scope) (reading, error) {
	t := &tally{env: env, limited: only != nil}
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
	limited bool
	only    scope

	files int64
	tags  mongodb.IDMap[*counter]
	// albums of which one may be counted; members are the files that manual albums list, and whether each exists.
	albums      []album
	members     mongodb.IDMap[bool]
	directories tree
	warnings    []string
}

func (t *tally) scan(ctx context.Context, collection string, filter any, fields []string, each func(doc bson.Raw, id mongodb.ID)) error {
	return t.env.DB.Scan(ctx, collection, mongodb.ScanOptions{Filter: filter, Fields: fields}, func(doc bson.Raw) error {
		each(doc, mongodb.Reference(doc, "_id"))
		return nil
	})
}

func (t *tally) readTags(ctx context.Context) error {
	m := t.env.Model.Tags
	return t.scan(ctx, m.Collection, nil, []string{m.FileCount}, func(doc bson.Raw, id mongodb.ID) {
		if has(t.limited, &t.only.tags, id) {
			t.tags.Put(id, &counter{stored: mongodb.Reference(doc, m.FileCount)})
		}
	})
}

func (t *tally) readDirectories(ctx context.Context) error {
	m := t.env.Model.Directories
	return t.scan(ctx, m.Collection, nil, []string{m.Parent, m.ChildCount, m.FileCount, m.TotalSize}, func(doc bson.Raw, id mongodb.ID) {
		t.directories.add(id, mongodb.Reference(doc, m.Parent), [3]mongodb.Value{
			mongodb.Reference(doc, m.ChildCount), mongodb.Reference(doc, m.FileCount), mongodb.Reference(doc, m.TotalSize)})
	})
}

// countFiles is the one scan over the files.
func (t *tally) countFiles(ctx context.Context) error {
	m := t.env.Model.Files
	t.env.Progress.Start("counting files", t.env.DB.Estimate(ctx, m.Collection))
	defer t.env.Progress.Done()
	return t.scan(ctx, m.Collection, t.filter(), []string{m.Tags, m.Parent, m.Size}, func(doc bson.Raw, id mongodb.ID) {
		t.env.Progress.Add(1)
		t.files++
		for tag := range mongodb.References(doc, m.Tags) {
			if c, ok := t.tags.At(tag); ok {
				c.want++
			}
		}
		if _, listed := t.members.At(id); listed {
			t.members.Put(id, true)
		}
		t.directories.addFile(mongodb.Reference(doc, m.Parent), bytesOf(doc.Lookup(m.Size)))
	})
}

// fewIDs is how many ids a filter may name; beyond that a server reads everything with less work.
const fewIDs = 1000

// filter selects the files that matter to a limited reading; nil selects all.
func (t *tally) filter() any {
	if !t.limited {
		return nil
	}
	below := t.directories.below(&t.only.directories)
	if t.only.tags.Len()+t.members.Len()+len(below) > fewIDs {
		return nil
	}
	m := t.env.Model.Files
	var members []mongodb.ID
	for id := range t.members.All() {
		members = append(members, id)
	}
	return bson.D{{Key: "$or", Value: bson.A{
		mongodb.In(m.Tags, collect(&t.only.tags)), mongodb.In(m.Parent, below), mongodb.In("_id", members),
	}}}
}

func collect(ids *mongodb.IDSet) (list []mongodb.ID) {
	for id := range ids.All() {
		list = append(list, id)
	}
	return list
}

// bytesOf is a size in bytes: a finite number above zero, its fraction cut off; anything else is none.
func bytesOf(v bson.RawValue) int64 {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return max(0, v.AsInt64())
	case bson.TypeDouble:
		if f := v.Double(); f > 0 && f < 1<<63 {
			return int64(f)
		}
	}
	return 0
}

// reading is what came out: the documents that differ.
func (t *tally) reading() reading {
	m := t.env.Model
	r := reading{files: t.files, warnings: t.warnings, kinds: []kindReading{
		{kind: kind{m.Tags.Collection, "tagsUpdated", []string{m.Tags.FileCount}}},
		{kind: kind{m.Albums.Collection, "albumsUpdated", []string{m.Albums.FileCount}}},
		{kind: kind{m.Directories.Collection, "directoriesUpdated", []string{m.Directories.ChildCount, m.Directories.FileCount, m.Directories.TotalSize}}},
	}}
	for id, c := range t.tags.All() {
		r.kinds[0].keep(document{id, []counter{*c}})
	}
	for _, a := range t.albums {
		if a.judged {
			r.kinds[1].keep(document{a.id, []counter{{a.stored, a.count(&t.members)}}})
		}
	}
	for _, d := range t.directories.documents() {
		if has(t.limited, &t.only.directories, d.id) {
			r.kinds[2].keep(d)
		}
	}
	return r
}

func (k *kindReading) keep(d document) {
	if d.differs() {
		k.differing = append(k.differing, d)
	}
}
