package cachecleanup

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math"

	"ucorefs.io/maintenance/pkg/files"
)

// folders are the open cache folders, none of which lies in another.
type folders []*files.Root

func (f folders) close() {
	for _, root := range f {
		_ = root.Close() // it was only read through
	}
}

// covering is another folder that holds the i-th; of two that are the same it is the first.
func (f folders) covering(i int) *files.Root {
	for j, other := range f {
		if j != i && other.Covers(f[i]) && (j < i || !f[i].Covers(other)) {
			return other
		}
	}
	return nil
}

// walk visits every file of every folder.
func (f folders) walk(ctx context.Context, visit func(file) error) (all files.Skipped, err error) {
	for _, root := range f {
		skipped, err := root.Walk(ctx, files.Visit{File: func(e files.Entry) error { return visit(file{e, root}) }})
		if err != nil {
			return all, err
		}
		all.Folders += skipped.Folders
		all.Mounts += skipped.Mounts
		all.Why = append(all.Why, skipped.Why...)
	}
	return all, nil
}

// edge is the last of the least recently used files that must go so that excess bytes go. The histogram has all files that may go.
func (f folders) edge(ctx context.Context, r rule, excess int64, all *histogram) (edge, error) {
	if excess <= 0 {
		return edge{}, nil
	}
	may := func(one file) bool { return r.free(one) && !r.aged(one) }
	at, err := find(excess, all, func(in window) (*histogram, error) {
		return f.tally(ctx, file.order, func(one file) bool { return in.has(one.order()) && may(one) })
	})
	if err != nil || at.files <= 1 {
		return edge{true, at.number, math.MaxUint64}, err
	}
	tied := func(in window) (*histogram, error) {
		return f.tally(ctx, file.tie, func(one file) bool { return one.order() == at.number && may(one) && in.has(one.tie()) })
	}
	ties, err := tied(window{0, math.MaxUint64})
	if err != nil {
		return edge{}, err
	}
	last, err := find(at.rest, ties, tied)
	return edge{true, at.number, last.number}, err
}

// tally adds up the files that may go by a number.
func (f folders) tally(ctx context.Context, number func(file) uint64, may func(file) bool) (*histogram, error) {
	h := newHistogram()
	_, err := f.walk(ctx, func(one file) error {
		if may(one) {
			h.add(number(one), one.Size)
		}
		return nil
	})
	return h, err
}

// going is what a rule lets go: how much, a few of the files, and a digest of all of them.
type going struct {
	sum
	sample []string
	digest string
}

// sampleSize is how many files a person is shown.
const sampleSize = 10

// going looks at each file by the rule. The digest is that of the set of files: the exclusive or of one hash for each.
func (f folders) going(ctx context.Context, r rule) (g going, err error) {
	var digest [sha256.Size]byte
	_, err = f.walk(ctx, func(one file) error {
		if !r.goes(one) {
			return nil
		}
		g.add(one)
		if len(g.sample) < sampleSize {
			g.sample = append(g.sample, fmt.Sprintf("delete %s (%d bytes, last used %s)", one.name(), one.Size, one.used().UTC().Format("2006-01-02 15:04:05")))
		}
		hash := sha256.Sum256(fmt.Appendf(nil, "%q %d %d", one.name(), one.Size, one.Modified.UnixNano()))
		subtle.XORBytes(digest[:], digest[:], hash[:])
		return nil
	})
	if g.files > 0 {
		g.digest = hex.EncodeToString(digest[:])
	}
	return g, err
}
