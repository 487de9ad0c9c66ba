package mongodb

import (
	"context"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Database is the connection to one database: it gives a Reader to anybody, and a Writer to whoever holds its lock
// alone. Its methods may be called from several goroutines.
type Database struct{ reader *Reader }

// Connect opens the database; connection.Connect says how, and with which errors.
func Connect(ctx context.Context, o connection.Options) (*Database, error) {
	c, err := connection.Connect(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Database{newReader(c)}, nil
}

// Name is the database's name.
func (d *Database) Name() string { return d.reader.Name() }

// Facts are what was found out about the server when the connection was made.
func (d *Database) Facts() connection.Facts { return d.reader.facts }

// Reader is what reads the database. It needs no lock.
func (d *Database) Reader() *Reader { return d.reader }

// Close ends all connections, or gives up when its context ends. Give it one that is still alive.
func (d *Database) Close(ctx context.Context) error { return d.reader.conn.Close(ctx) }
