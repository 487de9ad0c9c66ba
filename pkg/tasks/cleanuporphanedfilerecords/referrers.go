package cleanuporphanedfilerecords

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// referrers are what points at records that are due.
type referrers struct {
	albums     []albumFacts
	embeddings []embeddingFacts
}

type albumFacts struct {
	id           mongodb.ID
	smart        bool
	files, cover bson.RawValue
	count        mongodb.Value
}

type embeddingFacts struct{ id, file mongodb.ID }

// readReferrers reads albums and embeddings, if a record is due at all.
func (s *scan) readReferrers(ctx context.Context, env tasks.Env) error {
	due := &mongodb.IDSet{}
	for _, m := range s.missing {
		if m.due {
			due.Add(m.id)
		}
	}
	if due.Len() == 0 {
		return nil
	}
	n, smart := s.model, env.Model.Albums.IsSmart
	err := env.DB.Scan(ctx, n.albums, mongodb.ScanOptions{Fields: []string{smart, n.fileIDs, n.cover, n.fileCount}}, func(doc bson.Raw) error {
		if a := albumOf(doc, n, smart); len(a.shorten(n, due).Fields) > 0 {
			s.albums = append(s.albums, a.kept())
		}
		return nil
	})
	if err != nil {
		return err
	}
	return env.DB.Scan(ctx, n.embeddings, mongodb.ScanOptions{Fields: []string{n.embedded}}, func(doc bson.Raw) error {
		if file := mongodb.Reference(doc, n.embedded); due.Has(file) {
			s.embeddings = append(s.embeddings, embeddingFacts{id: mongodb.Reference(doc, "_id"), file: file})
		}
		return nil
	})
}

func albumOf(doc bson.Raw, n names, smart string) albumFacts {
	isSmart, _ := doc.Lookup(smart).BooleanOK()
	return albumFacts{
		id: mongodb.Reference(doc, "_id"), smart: isSmart,
		files: doc.Lookup(n.fileIDs), cover: doc.Lookup(n.cover), count: mongodb.Reference(doc, n.fileCount),
	}
}

// kept is a in memory of its own, since a scanned document is valid during the call only.
func (a albumFacts) kept() albumFacts {
	for _, v := range []*bson.RawValue{&a.files, &a.cover} {
		v.Value = slices.Clone(v.Value)
	}
	return a
}

// shorten takes the references to what is gone out of an album. The count of a manual one becomes less by as many, where it is a
// number of that size: so a count that was right stays right, and rebuild-all-counts sees to the others.
func (a albumFacts) shorten(n names, gone *mongodb.IDSet) mongodb.Update {
	u := mongodb.Update{ID: a.id}
	if rest, removed := without(a.files, gone); removed > 0 {
		u.Fields = append(u.Fields, mongodb.Field{Name: n.fileIDs, Old: mongodb.ValueOf(a.files), New: rest})
		if count, whole := a.count.Int64(); whole && !a.smart && count >= removed {
			u.Fields = append(u.Fields, mongodb.Field{Name: n.fileCount, Old: a.count, New: count - removed})
		}
	}
	if gone.Has(mongodb.ValueOf(a.cover)) {
		u.Fields = append(u.Fields, mongodb.Field{Name: n.cover, Old: mongodb.ValueOf(a.cover), New: nil})
	}
	return u
}

// without is an array's elements that do not refer to what is gone, in their order and as they are, and how many different
// records the others referred to. What is no array has none.
func without(stored bson.RawValue, gone *mongodb.IDSet) (rest bson.A, removed int64) {
	rest = bson.A{}
	array, ok := stored.ArrayOK()
	if !ok {
		return rest, 0
	}
	values, err := array.Values()
	if err != nil {
		return rest, 0
	}
	var seen mongodb.IDSet
	for _, v := range values {
		if id := mongodb.ValueOf(v); gone.Has(id) {
			seen.Add(id)
			continue
		}
		rest = append(rest, v)
	}
	return rest, int64(seen.Len())
}
