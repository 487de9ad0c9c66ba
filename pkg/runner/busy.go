package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/idle"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// clocksApart is how far a time may lie ahead of the server's clock before it is taken for that of a wrong clock.
const clocksApart = 5 * time.Minute

// signsOfUse is what the library's own documents say: it is in use while one that the library declares as busy changed
// lately. A collection that does not exist says nothing. What is odd goes to warn, once.
func (r *run) signsOfUse(warn func(string)) idle.Source {
	told := map[string]bool{}
	once := func(warning string) {
		if !told[warning] {
			warn(warning)
		}
		told[warning] = true
	}
	return func(ctx context.Context, _ time.Time) (idle.Signal, error) { return r.readSigns(ctx, once) }
}

// readSigns gives times by this machine's clock, and the same time for the same document at each look: a later one
// means a use.
func (r *run) readSigns(ctx context.Context, warn func(string)) (signal idle.Signal, err error) {
	existing, err := r.db.Reader().Collections(ctx)
	if err != nil {
		return signal, err
	}
	clock, err := r.serverTime(ctx)
	if err != nil {
		return signal, err
	}
	for _, sign := range r.Library.Busy {
		if !slices.Contains(existing, sign.Collection) {
			continue
		}
		last, err := r.lastUse(ctx, sign, clock, warn)
		if err != nil {
			return signal, err
		}
		signal.Known = true
		if at := last.Add(r.apart); signal.Last.IsZero() || at.After(signal.Last) {
			signal.Last, signal.By = at, inUse(sign)
		}
	}
	return signal, nil
}

// longUnused is the last use of a library that nothing says is in use.
var longUnused = time.Unix(0, 0)

// lastUse is the latest time in the documents of a sign. A time in the future is not believed: a clock that is a month
// ahead would keep every run from beginning for that month.
func (r *run) lastUse(ctx context.Context, sign library.Busy, clock time.Time, warn func(string)) (time.Time, error) {
	last, latest := longUnused, clock.Add(clocksApart)
	o := mongodb.ScanOptions{Fields: append(sign.Where.Fields(), sign.Since...), Filter: sign.Where.Filter()}
	err := r.db.Reader().Scan(ctx, sign.Collection, o, func(doc bson.Raw) error {
		if !sign.Where.Matches(doc) {
			return nil
		}
		for _, field := range sign.Since {
			switch at, known := bsonvalue.TimeOf(doc.Lookup(field)); {
			case !known:
			case at.After(latest):
				warn(fmt.Sprintf("a document of %s has a time in %s that is in the future: "+
					"the clock of the client that wrote it is wrong, and the time was ignored", sign.Collection, field))
			case at.After(last):
				last = at
			}
		}
		return nil
	})
	return last, err
}

// inUse names a sign, such as "a document of tasks with status pending or running".
func inUse(sign library.Busy) string {
	text := "a document of " + sign.Collection
	for _, c := range sign.Where {
		var values []string
		for _, v := range c.Values {
			values = append(values, fmt.Sprint(v))
		}
		if len(values) > 0 {
			text += " with " + c.Field + " " + strings.Join(values, " or ")
		}
	}
	return text
}

// serverTime is the clock by which ages count.
func (r *run) serverTime(ctx context.Context) (time.Time, error) {
	if r.ServerTime != nil {
		return r.ServerTime(ctx, r.db.Reader())
	}
	return r.db.Reader().Time(ctx)
}

func (r *run) warnOnce(warning string) {
	if !slices.Contains(r.result.Warnings, warning) {
		r.warn(warning)
	}
}
