package mongodb

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// LastActivity is the latest date in a field of a collection of heartbeats, and whether there is one at all.
func (r *Reader) LastActivity(ctx context.Context, collection, field string) (last time.Time, known bool, err error) {
	err = r.Scan(ctx, collection, ScanOptions{Fields: []string{field}}, func(doc bson.Raw) error {
		if at, ok := doc.Lookup(field).TimeOK(); ok && (!known || at.After(last)) {
			last, known = at, true
		}
		return nil
	})
	return last, known, err
}
