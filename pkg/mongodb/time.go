package mongodb

import (
	"context"
	"time"
)

// Time is the server's clock. Ages and grace periods count by it: a pod's own clock may be wrong.
func (r *Reader) Time(ctx context.Context) (time.Time, error) {
	h, err := r.hello(ctx)
	return h.LocalTime.UTC(), err
}
