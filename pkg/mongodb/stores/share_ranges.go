package stores

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// ShareClaim says that a process reads a range. A later generation takes over from one that has expired.
type ShareClaim struct {
	ID         string    `bson:"_id"`
	Range      int       `bson:"range"`
	Generation int       `bson:"generation"`
	Holder     string    `bson:"holder"` // a text that no other process has
	Until      time.Time `bson:"until"`  // by the server's clock
}

// ShareDone says that a range was read. There is one for each range: of two processes that read it, the first counts.
type ShareDone struct {
	ID         string `bson:"_id"`
	Range      int    `bson:"range"`
	Generation int    `bson:"generation"` // of the claim whose chunks count
	Holder     string `bson:"holder"`
	Chunks     int    `bson:"chunks"`
	Documents  int64  `bson:"documents"`
}

// Claims are those of a scan, expired ones as well.
func (s *Shares) Claims(ctx context.Context, scan string) (claims []ShareClaim, err error) {
	return claims, s.list(ctx, s.id(scan, "claim"), &claims)
}

// Done are the ranges of a scan that were read.
func (s *Shares) Done(ctx context.Context, scan string) (done []ShareDone, err error) {
	return done, s.list(ctx, s.id(scan, "done"), &done)
}

func (s *Shares) list(ctx context.Context, id string, to any) error {
	cursor, err := s.collection().Find(ctx, below(id))
	if err == nil {
		err = cursor.All(ctx, to)
	}
	if err != nil {
		return fmt.Errorf("read what the run shares: %w", err)
	}
	return nil
}

// Claim takes a range, and tells whether nobody was faster.
func (s *Shares) Claim(ctx context.Context, scan string, c ShareClaim) (claimed ShareClaim, ours bool, err error) {
	c.ID = s.id(scan, "claim", c.Range, c.Generation)
	first, err := s.insert(ctx, c.ID, bson.D{
		{Key: "range", Value: c.Range}, {Key: "generation", Value: c.Generation}, {Key: "holder", Value: c.Holder},
		{Key: "until", Value: c.Until},
	})
	if err != nil || first {
		return c, first, err
	}
	var there ShareClaim // an insert whose answer was lost is repeated, and finds itself
	if _, err := s.load(ctx, c.ID, &there); err != nil {
		return c, false, err
	}
	return c, there.Holder == c.Holder, nil
}

// Renew has a claim last longer.
func (s *Shares) Renew(ctx context.Context, c ShareClaim, until time.Time) error {
	own := bson.D{{Key: "_id", Value: c.ID}, {Key: "holder", Value: c.Holder}}
	_, err := s.collection().UpdateOne(ctx, own, bson.D{{Key: "$set", Value: bson.D{{Key: "until", Value: until}}}})
	return err
}

// SaveChunk stores a part of what was found in a range.
func (s *Shares) SaveChunk(ctx context.Context, scan string, c ShareClaim, n int, chunk []byte) error {
	id := s.id(scan, "chunk", c.Range, c.Generation, n)
	_, err := s.insert(ctx, id, bson.D{{Key: "state", Value: chunk}})
	return err
}

// Finish says that a range was read, and how many chunks were stored.
func (s *Shares) Finish(ctx context.Context, scan string, c ShareClaim, chunks int, documents int64) error {
	_, err := s.insert(ctx, s.id(scan, "done", c.Range), bson.D{
		{Key: "range", Value: c.Range}, {Key: "generation", Value: c.Generation}, {Key: "holder", Value: c.Holder},
		{Key: "chunks", Value: chunks}, {Key: "documents", Value: documents},
	})
	return err
}

// Chunks gives what was found in a range to each, in order.
func (s *Shares) Chunks(ctx context.Context, scan string, done ShareDone, each func([]byte) error) error {
	for n := range done.Chunks {
		var r shareRecord
		id := s.id(scan, "chunk", done.Range, done.Generation, n)
		switch there, err := s.load(ctx, id, &r); {
		case err != nil:
			return err
		case !there:
			return fmt.Errorf("the part %s of a shared scan is gone: somebody removed documents of %s", id,
				mongodb.CheckpointsCollection)
		}
		if err := each(r.State); err != nil {
			return err
		}
	}
	return nil
}
