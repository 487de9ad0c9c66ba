package mongodb

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Collections are the names of the database's collections, sorted; views are none. A user that may not list them all
// gets those that the user may read.
func (r *Reader) Collections(ctx context.Context) ([]string, error) {
	return r.CollectionsOf(ctx, r.Name())
}

// CollectionsOf is Collections of another database of the same server.
func (r *Reader) CollectionsOf(ctx context.Context, database string) ([]string, error) {
	permitted := options.ListCollections().SetNameOnly(true).SetAuthorizedCollections(true)
	list, err := r.db.Client().Database(database).ListCollectionSpecifications(ctx, bson.D{}, permitted)
	if err != nil {
		return nil, fmt.Errorf("list the collections: %w", err)
	}
	var names []string
	for _, c := range list {
		if c.Type == "" || c.Type == "collection" {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Databases are the names of the databases that the user may see, sorted, without the server's own.
func (r *Reader) Databases(ctx context.Context) ([]string, error) {
	names, err := r.db.Client().ListDatabaseNames(ctx, bson.D{},
		options.ListDatabases().SetNameOnly(true).SetAuthorizedDatabases(true))
	if err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains([]string{"admin", "config", "local"},
			name)
	})
	slices.Sort(names)
	return names, nil
}
