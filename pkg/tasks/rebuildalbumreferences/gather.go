package rebuildalbumreferences

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are what was read: the files whose references differ from the first reading of the albums, and the second reading.
type facts struct {
	albums int64 // manual albums
	files  []file
	again  membership
}

// file is one whose album_ids are not what they should be.
type file struct {
	id    mongodb.ID
	field mongodb.Value // album_ids as it is stored
	wants []mongodb.ID  // the albums that list the file, in their order
}

// membership is which manual albums list a file, in the order of the albums' reading.
type membership struct {
	albums int64
	of     mongodb.IDMap[[]mongodb.ID]
}

func gather(ctx context.Context, env tasks.Env) (facts, error) {
	first, err := readAlbums(ctx, env)
	if err != nil {
		return facts{}, err
	}
	f := facts{albums: first.albums}
	if f.files, err = differingFiles(ctx, env, first); err != nil || len(f.files) == 0 {
		return f, err
	}
	f.again, err = readAlbums(ctx, env)
	return f, err
}

func readAlbums(ctx context.Context, env tasks.Env) (membership, error) {
	var m membership
	a := env.Model.Albums
	err := env.DB.Scan(ctx, a.Collection, mongodb.ScanOptions{Fields: []string{a.IsSmart, a.Files}}, func(doc bson.Raw) error {
		if smart, _ := doc.Lookup(a.IsSmart).BooleanOK(); smart {
			return nil
		}
		m.albums++
		album := mongodb.Reference(doc, "_id")
		for id := range mongodb.References(doc, a.Files) {
			of, _ := m.of.At(id)
			m.of.Put(id, append(of, album))
		}
		return nil
	})
	return m, err
}

func differingFiles(ctx context.Context, env tasks.Env, m membership) ([]file, error) {
	var differing []file
	f := env.Model.Files
	env.Progress.Start("reading files", env.DB.Estimate(ctx, f.Collection))
	defer env.Progress.Done()
	err := env.DB.Scan(ctx, f.Collection, mongodb.ScanOptions{Fields: []string{f.Albums}}, func(doc bson.Raw) error {
		env.Progress.Add(1)
		id := mongodb.Reference(doc, "_id")
		wants, _ := m.of.At(id)
		has, isArray := elements(doc.Lookup(f.Albums))
		if (isArray || len(wants) == 0) && sameSet(has, wants) {
			return nil
		}
		differing = append(differing, file{id: id, field: mongodb.Reference(doc, f.Albums), wants: wants})
		return nil
	})
	return differing, err
}

// elements is every element of an array, those that refer to nothing included.
func elements(v bson.RawValue) (list []bson.RawValue, isArray bool) {
	array, ok := v.ArrayOK()
	if !ok {
		return nil, false
	}
	list, err := array.Values()
	return list, err == nil
}
