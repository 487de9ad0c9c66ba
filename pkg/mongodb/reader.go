package mongodb

import "go.mongodb.org/mongo-driver/v2/mongo"

// Reader reads one connected database: no method of it sends a command that writes. The one command that looks like
// it is compact with dryRun, which Space sends to ask what compacting would return. Its methods may be called from
// several goroutines.
type Reader struct {
	client *mongo.Client
	db     *mongo.Database
	facts  Facts
	own    *ownOperations
}

// Name is the database's name.
func (r *Reader) Name() string { return r.db.Name() }

// Facts are what was found out about the server when the connection was made.
func (r *Reader) Facts() Facts { return r.facts }
