package mongodb

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// cursor is what one query finds, in the batches that the server sends.
//
// The query itself and its first batch are the driver's, with all that it does for a query. The driver's cursor then
// looks three times at each document and allocates once for it. So the next batches come by a getMore of our own,
// whose answer is used as it is, wherever a session's commands all come to the server that has the cursor.
type cursor struct {
	reader     *Reader
	collection string
	driver     *mongo.Cursor
	session    *mongo.Session // in which getMore is ours; nil: it is the driver's
	id         int64          // of the cursor at the server, where getMore is ours
	began      bool           // the first batch was read
}

// open sends a query.
func (r *Reader) open(ctx context.Context, collection string, filter any, find *options.FindOptionsBuilder) (*cursor,
	error) {
	c := &cursor{reader: r, collection: collection}
	if r.facts.OwnGetMore {
		session, err := r.conn.Session()
		if err != nil {
			return nil, err
		}
		c.session, ctx = session, mongo.NewSessionContext(ctx, session)
	}
	var err error
	if c.driver, err = r.db.Collection(collection).Find(ctx, filter, find); err != nil {
		c.endSession(ctx)
		return nil, err
	}
	c.id = c.driver.ID()
	return c, nil
}

// next puts the server's next batch into b, of so many documents at most. None are left where b stays empty.
func (c *cursor) next(ctx context.Context, b *batch, size int) error {
	if c.session == nil {
		c.driver.SetBatchSize(int32(size))
		return c.copyBatch(ctx, b)
	}
	if !c.began {
		c.began = true
		if c.driver.RemainingBatchLength() > 0 { // else Next asks for more
			return c.copyBatch(ctx, b)
		}
	}
	for c.id != 0 && b.len() == 0 { // a server may have nothing to send yet
		if err := c.getMore(ctx, b, size); err != nil {
			return err
		}
	}
	return nil
}

// copyBatch copies the driver's next batch.
func (c *cursor) copyBatch(ctx context.Context, b *batch) error {
	for c.driver.Next(ctx) {
		if b.add(c.driver.Current); c.driver.RemainingBatchLength() == 0 {
			return nil
		}
	}
	return c.driver.Err()
}

// getMore has b be the documents of the server's answer.
func (c *cursor) getMore(ctx context.Context, b *batch, size int) error {
	command := bson.D{{Key: "getMore", Value: c.id}, {Key: "collection", Value: c.collection},
		{Key: "batchSize", Value: int32(size)}}
	reply, err := c.reader.db.RunCommand(mongo.NewSessionContext(unbounded{ctx}, c.session), command).Raw()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	cursor, _ := reply.Lookup("cursor").DocumentOK()
	list, isList := cursor.Lookup("nextBatch").ArrayOK()
	id, isID := cursor.Lookup("id").Int64OK()
	if !isList || !isID || !b.adopt(list) {
		return errors.New("the server's answer to getMore has no list of documents")
	}
	c.id = id
	return nil
}

// close ends the cursor at the server, if it is still open there.
func (c *cursor) close(ctx context.Context) {
	if c.session == nil || c.id != 0 {
		_ = c.driver.Close(ctx)
	}
	c.endSession(ctx)
}

func (c *cursor) endSession(ctx context.Context) {
	if c.session != nil {
		c.session.EndSession(ctx)
	}
}

// unbounded is a context that does not tell its deadline, and still ends then: the driver makes a maxTimeMS of it,
// which MongoDB refuses with getMore.
type unbounded struct{ context.Context }

func (unbounded) Deadline() (time.Time, bool) { return time.Time{}, false }
