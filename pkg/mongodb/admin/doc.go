// Package admin is what maintenance asks of a server beside documents: sizes and compaction, indexes and what stands in
// their way, the user's rights, and what other clients do.
//
// It must not know the layout of a library, nor touch a document.
package admin

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// run gives one command on a collection; what the server refuses is a *connection.RefusedError.
func run(ctx context.Context, r *mongodb.Reader, collection string, command bson.D, reply any) error {
	return r.Connection(driver.Key{}).Run(ctx, collection, command, reply)
}
