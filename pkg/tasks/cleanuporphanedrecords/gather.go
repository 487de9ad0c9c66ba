package cleanuporphanedrecords

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the documents with a reference that leads nowhere, and which targets are gone for certain.
type facts struct {
	model                         names
	filesTotal, albumsTotal       int64
	embeddingsTotal               int64
	goneTags, goneAlbums, goneIDs *mongodb.IDSet
	files                         []fileFacts
	albums                        []albumFacts
	embeddings                    []embeddingFacts
}

// names are the fields that the plan writes.
type names struct{ files, albums, embeddings, tagIDs, albumIDs, fileIDs, fileCount, cover, embedded string }

type fileFacts struct {
	id           mongodb.ID
	tags, albums bson.RawValue // as stored, and only where one of them dangles
}

type albumFacts struct {
	id           mongodb.ID
	smart        bool
	files, cover bson.RawValue
	count        mongodb.Value
}

type embeddingFacts struct {
	id, file mongodb.ID
}

func gather(ctx context.Context, env tasks.Env) (facts, error) {
	f := facts{model: namesOf(env)}
	r, err := readReferenced(ctx, env, &f)
	if err != nil {
		return f, err
	}
	if err := readFiles(ctx, env, &f, r); err != nil {
		return f, err
	}
	if err := lookAgain(ctx, env, &f, r); err != nil {
		return f, err
	}
	return f, readReferrers(ctx, env, &f)
}

func namesOf(env tasks.Env) names {
	m := env.Model
	return names{
		files: m.Files.Collection, albums: m.Albums.Collection, embeddings: m.Embeddings.Collection,
		tagIDs: m.Files.Tags, albumIDs: m.Files.Albums,
		fileIDs: m.Albums.Files, fileCount: m.Albums.FileCount, cover: m.Albums.Cover, embedded: m.Embeddings.File,
	}
}

// referenced is what the one scan over the files needs: which tags and albums exist, and which files anything refers to.
type referenced struct {
	tags, albums               mongodb.IDSet
	missingTags, missingAlbums mongodb.IDSet
	files                      mongodb.IDSet // referred to, and not met yet
}

func readReferenced(ctx context.Context, env tasks.Env, f *facts) (*referenced, error) {
	r := &referenced{}
	n := f.model
	scans := []struct {
		collection string
		fields     []string
		each       func(bson.Raw)
	}{
		{env.Model.Tags.Collection, []string{"_id"}, func(doc bson.Raw) { r.tags.Add(mongodb.Reference(doc, "_id")) }},
		{n.albums, []string{n.fileIDs, n.cover}, func(doc bson.Raw) {
			f.albumsTotal++
			r.albums.Add(mongodb.Reference(doc, "_id"))
			r.refer(mongodb.Reference(doc, n.cover))
			for id := range mongodb.References(doc, n.fileIDs) {
				r.refer(id)
			}
		}},
		{n.embeddings, []string{n.embedded}, func(doc bson.Raw) {
			f.embeddingsTotal++
			r.refer(mongodb.Reference(doc, n.embedded))
		}},
	}
	for _, s := range scans {
		err := env.DB.Scan(ctx, s.collection, mongodb.ScanOptions{Fields: s.fields}, func(doc bson.Raw) error { s.each(doc); return nil })
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *referenced) refer(id mongodb.ID) {
	if id.Refers() {
		r.files.Add(id)
	}
}

// readFiles is the one scan over the files.
func readFiles(ctx context.Context, env tasks.Env, f *facts, r *referenced) error {
	n := f.model
	env.Progress.Start("reading files", env.DB.Estimate(ctx, n.files))
	defer env.Progress.Done()
	return env.DB.Scan(ctx, n.files, mongodb.ScanOptions{Fields: []string{n.tagIDs, n.albumIDs}}, func(doc bson.Raw) error {
		env.Progress.Add(1)
		f.filesTotal++
		r.files.Remove(mongodb.Reference(doc, "_id"))
		badTags := note(doc, n.tagIDs, &r.tags, &r.missingTags)
		badAlbums := note(doc, n.albumIDs, &r.albums, &r.missingAlbums)
		if badTags || badAlbums {
			f.files = append(f.files, fileFacts{id: mongodb.Reference(doc, "_id"), tags: clone(doc.Lookup(n.tagIDs)), albums: clone(doc.Lookup(n.albumIDs))})
		}
		return nil
	})
}

// note adds what a field refers to and does not exist to missing, and tells whether there was any.
func note(doc bson.Raw, field string, exist, missing *mongodb.IDSet) (any bool) {
	for id := range mongodb.References(doc, field) {
		if !exist.Has(id) {
			missing.Add(id)
			any = true
		}
	}
	return any
}

// lookAgain keeps only what is still missing now.
func lookAgain(ctx context.Context, env tasks.Env, f *facts, r *referenced) (err error) {
	for _, look := range []struct {
		collection string
		missing    *mongodb.IDSet
		gone       **mongodb.IDSet
	}{
		{env.Model.Tags.Collection, &r.missingTags, &f.goneTags},
		{f.model.albums, &r.missingAlbums, &f.goneAlbums},
		{f.model.files, &r.files, &f.goneIDs},
	} {
		if *look.gone, err = env.DB.StillMissing(ctx, look.collection, slices.Collect(look.missing.All())); err != nil {
			return err
		}
	}
	return nil
}

// readReferrers reads the albums and embeddings that refer to files that are gone.
func readReferrers(ctx context.Context, env tasks.Env, f *facts) error {
	if f.goneIDs.Len() == 0 {
		return nil
	}
	n, smart := f.model, env.Model.Albums.IsSmart
	err := env.DB.Scan(ctx, n.albums, mongodb.ScanOptions{Fields: []string{smart, n.fileIDs, n.cover, n.fileCount}}, func(doc bson.Raw) error {
		if a := albumOf(doc, n, smart); a.dangles(f.goneIDs) {
			f.albums = append(f.albums, a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return env.DB.Scan(ctx, n.embeddings, mongodb.ScanOptions{Fields: []string{n.embedded}}, func(doc bson.Raw) error {
		if file := mongodb.Reference(doc, n.embedded); f.goneIDs.Has(file) {
			f.embeddings = append(f.embeddings, embeddingFacts{id: mongodb.Reference(doc, "_id"), file: file})
		}
		return nil
	})
}

func albumOf(doc bson.Raw, n names, smart string) albumFacts {
	isSmart, _ := doc.Lookup(smart).BooleanOK()
	return albumFacts{
		id: mongodb.Reference(doc, "_id"), smart: isSmart,
		files: clone(doc.Lookup(n.fileIDs)), cover: clone(doc.Lookup(n.cover)), count: mongodb.Reference(doc, n.fileCount),
	}
}

func (a albumFacts) dangles(gone *mongodb.IDSet) bool {
	_, removed := without(a.files, gone)
	return len(removed) > 0 || gone.Has(mongodb.ValueOf(a.cover))
}

// clone is v in memory of its own, since a scanned document is valid during the call only.
func clone(v bson.RawValue) bson.RawValue {
	return bson.RawValue{Type: v.Type, Value: append([]byte(nil), v.Value...)}
}
