package stores

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// asJournaled makes a deletion one of the document as it is in the journal, and of no later state of it.
func (j *Journal) asJournaled(
	ctx context.Context, collection string,
) func(mongodb.Deletion, bson.Raw) (mongodb.Deletion, error) {
	return func(x mongodb.Deletion, doc bson.Raw) (mongodb.Deletion, error) {
		if len(doc) > j.w.Facts().MaxStatement {
			return x.WhileFields(doc)
		}
		inWhole, err := j.whole.ask(ctx, j.w.Reader, collection, doc)
		if err != nil {
			return x, err
		}
		if inWhole {
			return x.WhileWhole(doc), nil
		}
		return x.WhileFields(doc)
	}
}

// comparison is how the server compares documents, as far as it has shown. The zero comparison knows nothing.
type comparison struct {
	mu      sync.Mutex
	known   mongodb.Comparison
	unclear int // how often the answer was
}

// maxUnclear is after how many unclear answers a server counts as one that compares InPart.
const maxUnclear = 5

// ask tells whether the server compares whole documents, and asks it with doc while that is not known.
func (c *comparison) ask(ctx context.Context, r *mongodb.Reader, collection string, doc bson.Raw) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known != mongodb.Unclear || c.unclear == maxUnclear {
		return c.known == mongodb.InWhole, nil
	}
	var err error
	if c.known, err = r.Comparison(ctx, collection, doc); c.known == mongodb.Unclear && err == nil {
		c.unclear++
	}
	return c.known == mongodb.InWhole, err
}
