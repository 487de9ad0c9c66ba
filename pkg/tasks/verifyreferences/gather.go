package verifyreferences

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// kind is one reported count, and the collection that its references lead into.
type kind struct {
	count, collection string
	suspects          suspects
	gone              *mongodb.IDSet
}

// facts are all suspects, and which of their targets are gone for certain.
type facts struct {
	files int64
	kinds []*kind
}

// reader is what the scans know so far.
type reader struct {
	env                     tasks.Env
	facts                   facts
	tags, albums, dirs      mongodb.IDSet
	files                   mongodb.IDMap[int64] // files referred to and not met yet, with how many references
	tagRefs, albumRefs      *kind
	dirRefs, fileRefs       *kind
	embeddingRefs           *kind
	tagParents, albumParent *kind
	dirParents              *kind
}

func gather(ctx context.Context, env tasks.Env) (facts, error) {
	r := newReader(env)
	for _, step := range []func(context.Context) error{r.readIDs, r.readParents, r.readFileReferences, r.readFiles, r.readBrokenFileReferences, r.lookAgain} {
		if err := step(ctx); err != nil {
			return facts{}, err
		}
	}
	return r.facts, nil
}

func newReader(env tasks.Env) *reader {
	m := env.Model
	r := &reader{env: env}
	add := func(count, collection string) *kind {
		k := &kind{count: count, collection: collection}
		r.facts.kinds = append(r.facts.kinds, k)
		return k
	}
	r.tagRefs, r.albumRefs = add("brokenTagRefs", m.Tags.Collection), add("brokenAlbumRefs", m.Albums.Collection)
	r.dirRefs, r.fileRefs = add("brokenDirRefs", m.Directories.Collection), add("brokenFileRefs", m.Files.Collection)
	r.embeddingRefs = add("brokenEmbeddingRefs", m.Files.Collection)
	r.tagParents, r.albumParent = add("brokenParentRefs", m.Tags.Collection), add("brokenParentRefs", m.Albums.Collection)
	r.dirParents = add("brokenParentRefs", m.Directories.Collection)
	return r
}

func (r *reader) scan(ctx context.Context, collection string, fields []string, each func(doc bson.Raw, id mongodb.ID)) error {
	return r.env.DB.Scan(ctx, collection, mongodb.ScanOptions{Fields: fields}, func(doc bson.Raw) error {
		each(doc, mongodb.Reference(doc, "_id"))
		return nil
	})
}

// readIDs learns which tags, albums and directories exist.
func (r *reader) readIDs(ctx context.Context) error {
	m := r.env.Model
	for _, c := range []struct {
		collection string
		ids        *mongodb.IDSet
	}{{m.Tags.Collection, &r.tags}, {m.Albums.Collection, &r.albums}, {m.Directories.Collection, &r.dirs}} {
		if err := r.scan(ctx, c.collection, []string{"_id"}, func(_ bson.Raw, id mongodb.ID) { c.ids.Add(id) }); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readParents(ctx context.Context) error {
	m := r.env.Model
	for _, c := range []struct {
		collection, parent string
		exist              *mongodb.IDSet
		kind               *kind
	}{
		{m.Tags.Collection, m.Tags.Parent, &r.tags, r.tagParents},
		{m.Albums.Collection, m.Albums.Parent, &r.albums, r.albumParent},
		{m.Directories.Collection, m.Directories.Parent, &r.dirs, r.dirParents},
	} {
		err := r.scan(ctx, c.collection, []string{c.parent}, func(doc bson.Raw, id mongodb.ID) {
			c.kind.checkOne(doc, c.collection, id, c.parent, c.exist)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readFileReferences notes which files anything refers to; only counters are kept, since most of them will be met.
func (r *reader) readFileReferences(ctx context.Context) error {
	return r.eachFileReference(ctx, func(o offender, _ *kind) {
		n, _ := r.files.At(o.target)
		r.files.Put(o.target, n+1)
	})
}

// eachFileReference gives every reference to a file: those of albums, then those of embeddings.
func (r *reader) eachFileReference(ctx context.Context, each func(offender, *kind)) error {
	a, e := r.env.Model.Albums, r.env.Model.Embeddings
	err := r.scan(ctx, a.Collection, []string{a.Files, a.Cover}, func(doc bson.Raw, id mongodb.ID) {
		for target := range mongodb.References(doc, a.Files) {
			each(offender{a.Collection, id, a.Files, target}, r.fileRefs)
		}
		if target := mongodb.Reference(doc, a.Cover); target.Refers() {
			each(offender{a.Collection, id, a.Cover, target}, r.fileRefs)
		}
	})
	if err != nil {
		return err
	}
	return r.scan(ctx, e.Collection, []string{e.File}, func(doc bson.Raw, id mongodb.ID) {
		if target := mongodb.Reference(doc, e.File); target.Refers() {
			each(offender{e.Collection, id, e.File, target}, r.embeddingRefs)
		}
	})
}

// readFiles is the one scan over the files.
func (r *reader) readFiles(ctx context.Context) error {
	f := r.env.Model.Files
	r.env.Progress.Start("reading files", r.env.DB.Estimate(ctx, f.Collection))
	defer r.env.Progress.Done()
	return r.scan(ctx, f.Collection, []string{f.Tags, f.Albums, f.Parent, f.Root}, func(doc bson.Raw, id mongodb.ID) {
		r.env.Progress.Add(1)
		r.facts.files++
		r.files.Remove(id)
		r.tagRefs.checkAll(doc, f.Collection, id, f.Tags, &r.tags)
		r.albumRefs.checkAll(doc, f.Collection, id, f.Albums, &r.albums)
		r.dirRefs.checkOne(doc, f.Collection, id, f.Parent, &r.dirs)
		r.dirRefs.checkOne(doc, f.Collection, id, f.Root, &r.dirs)
	})
}

// readBrokenFileReferences looks a second time at who refers to files, now that it is known which were not met.
func (r *reader) readBrokenFileReferences(ctx context.Context) error {
	if r.files.Len() == 0 {
		return nil
	}
	return r.eachFileReference(ctx, func(o offender, k *kind) {
		if _, missing := r.files.At(o.target); missing {
			k.suspects.add(o)
		}
	})
}

// lookAgain finds out which targets are really gone.
func (r *reader) lookAgain(ctx context.Context) (err error) {
	for _, k := range r.facts.kinds {
		if k.gone, err = r.env.DB.StillMissing(ctx, k.collection, k.suspects.targets()); err != nil {
			return err
		}
	}
	return nil
}

func (k *kind) checkAll(doc bson.Raw, collection string, id mongodb.ID, field string, exist *mongodb.IDSet) {
	for target := range mongodb.References(doc, field) {
		if !exist.Has(target) {
			k.suspects.add(offender{collection, id, field, target})
		}
	}
}

func (k *kind) checkOne(doc bson.Raw, collection string, id mongodb.ID, field string, exist *mongodb.IDSet) {
	if target := mongodb.Reference(doc, field); target.Refers() && !exist.Has(target) {
		k.suspects.add(offender{collection, id, field, target})
	}
}
