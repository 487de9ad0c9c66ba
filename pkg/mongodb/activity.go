package mongodb

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// LatestChange is the latest time in the given fields of the documents that match, and false where there is none. The filter is sent
// to the server, to read no more than needed; matches decides. A time that believe refuses is left out.
func (r *Reader) LatestChange(ctx context.Context, collection string, fields []string, filter any, matches func(bson.Raw) bool, since []string, believe func(time.Time) bool) (last time.Time, any bool, err error) {
	err = r.Scan(ctx, collection, ScanOptions{Fields: append(fields, since...), Filter: filter}, func(doc bson.Raw) error {
		if !matches(doc) {
			return nil
		}
		for _, field := range since {
			if at, ok := TimeOf(doc.Lookup(field)); ok && believe(at) && (!any || at.After(last)) {
				last, any = at, true
			}
		}
		return nil
	})
	return last, any, err
}
