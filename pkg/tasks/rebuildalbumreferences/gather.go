package rebuildalbumreferences

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are what was read of each mirror.
type facts []mirrored

// mirrored is the documents whose lists differ from the first reading of what they mirror, and the second reading.
type mirrored struct {
	mirror        library.Mirror
	counts        [2]string // the keys of the documents that were read and of those that are changed
	first, second *membership
	differing     []document
	holding       int64 // documents whose lists hold something
	kept          bool  // something of that stays as it is
}

// document is one whose list is not what it should be.
type document struct {
	id    bsonvalue.ID
	field bsonvalue.Value // the list as it is stored
}

// comparing is what needs memory.
const comparing = "comparing lists"

func gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	room := env.Room(comparing)
	for _, mirror := range env.Library.Mirrors {
		read, changed := env.Library.Noun(mirror.Of.Collection), env.Library.Noun(mirror.Field.Collection)
		m := mirrored{mirror: mirror, counts: [2]string{read + "Processed", changed + "Updated"}}
		if err := env.FitsLists(ctx, comparing, mirror.Of.Collection); err != nil {
			return nil, err
		}
		if err := m.read(ctx, env, room); err != nil {
			return nil, err
		}
		f = append(f, m)
	}
	return f, nil
}

func (m *mirrored) read(ctx context.Context, env tasks.Env, room *tasks.Room) (err error) {
	if m.first, err = readLists(ctx, env, m.mirror, room); err != nil {
		return err
	}
	m.second = m.first
	if err = m.readMirrors(ctx, env, room); err != nil || len(m.differing) == 0 {
		return err
	}
	m.second, err = readLists(ctx, env, m.mirror, room)
	return err
}

// readLists reads the lists that are the truth.
func readLists(ctx context.Context, env tasks.Env, mirror library.Mirror, room *tasks.Room) (*membership, error) {
	m, fields := newMembership(), scan.NewFields()
	of, where := fields.Position(mirror.Of.Name), fields.Where(mirror.Where)
	doing, o := "reading "+env.Library.Noun(mirror.Of.Collection), mongodb.ScanOptions{Fields: fields.Names()}
	err := env.Scan(ctx, doing, mirror.Of.Collection, o, func(doc bson.Raw) error {
		m.documents++
		before := m.bytes()
		if row := fields.Read(doc); where.Matches(row) {
			m.listing++
			m.list(bsonvalue.Of(row[scan.ID]), row[of])
		}
		return room.Take(m.bytes() - before)
	})
	m.end()
	return m, err
}

// bytesOfDiffering is what the facts and the plan hold of a document beside its list.
const bytesOfDiffering = 160

// readMirrors reads the lists to keep right.
func (m *mirrored) readMirrors(ctx context.Context, env tasks.Env, room *tasks.Room) error {
	field, fields := m.mirror.Field, scan.NewFields()
	list := fields.Position(field.Name)
	doing, o := "reading "+env.Library.Noun(field.Collection), mongodb.ScanOptions{Fields: fields.Names()}
	return env.Scan(ctx, doing, field.Collection, o, func(doc bson.Raw) error {
		row := fields.Read(doc)
		id := bsonvalue.Of(row[scan.ID])
		elements := scan.List(row[list])
		holds := elements.Next()
		if holds {
			m.holding++
		}
		if m.first.listsOnly(id, row[list]) {
			m.kept = m.kept || holds
			return nil
		}
		m.differing = append(m.differing, document{id, bsonvalue.Of(row[list])})
		return room.Take(bytesOfDiffering + int64(len(row[list].Value)))
	})
}
