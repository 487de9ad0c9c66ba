package rebuildallcounts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// album is one album's counter and what it counts.
type album struct {
	id     mongodb.ID
	stored []mongodb.Value
	files  []mongodb.ID // of a manual album: what it lists, each once
	query  bson.Raw     // of a smart album
	smart  int64        // of a smart album: what its query counted
	judged bool         // false for a smart album whose query no server can run
}

// count is how many files an album has.
func (t *tally) count(a album) int64 {
	if a.query != nil {
		return a.smart
	}
	return t.counted.Album(a.files)
}

func (t *tally) readAlbums(ctx context.Context) error {
	m := t.env.Model.Albums
	return t.scan(ctx, m.Collection, nil, []string{m.IsSmart, m.Query, m.Files, m.FileCount}, func(doc bson.Raw, id mongodb.ID) {
		if !has(t.limited, &t.only.albums, id) {
			return
		}
		a := album{id: id, stored: t.kinds[albums].Stored(doc), judged: true}
		if smart, _ := doc.Lookup(m.IsSmart).BooleanOK(); smart {
			t.addSmart(a, doc.Lookup(m.Query))
			return
		}
		a.files = slices.Collect(mongodb.References(doc, m.Files))
		t.counted.AddMembers(a.files)
		t.albums = append(t.albums, a)
	})
}

func (t *tally) addSmart(a album, query bson.RawValue) {
	filter, ok := query.DocumentOK()
	if !ok {
		t.warn(a.id, "its query is not a document")
		return
	}
	a.query = append(bson.Raw(nil), filter...)
	t.albums = append(t.albums, a)
}

// countSmartAlbums has the server count; a query that it cannot run is the album's fault, not the run's.
func (t *tally) countSmartAlbums(ctx context.Context) (err error) {
	for i := range t.albums {
		a := &t.albums[i]
		if a.query == nil {
			continue
		}
		var bad *mongodb.QueryError
		a.smart, err = t.env.DB.Count(ctx, t.env.Model.Files.Collection, a.query)
		if errors.As(err, &bad) {
			a.judged = false
			t.warn(a.id, bad.Error())
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) warn(id mongodb.ID, why string) {
	t.warnings = append(t.warnings, fmt.Sprintf("smart album %s was left alone: %s", id, why))
}
