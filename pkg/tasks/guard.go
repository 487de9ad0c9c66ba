package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// Removal is how much of one whole a plan takes something away from.
type Removal struct {
	What     string // for a person, such as "documents of embeddings" or "records of root /library/a"
	N, Total int64
	// Again is how many of N an earlier Removal of the same plan counts too.
	Again int64
}

// Digest is the hex SHA-256 of a plan: of its items, one string each, in any order; empty where there are none.
func Digest(items []string) string {
	if len(items) == 0 {
		return ""
	}
	h := sha256.New()
	for _, item := range slices.Sorted(slices.Values(items)) {
		fmt.Fprintf(h, "%d:%s", len(item), item) // the length keeps two items from reading as one
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Capped is nil where every removal is within the limits, or where the limits name this very plan; else it is the
// refusal, with the figures. All removals together must not exceed MaxDeletes, and none MaxDeletePercent of its whole,
// where a part of a document counts as one: 5 % of 30 documents are 2.
func Capped(removals []Removal, digest string, l jobspec.Limits) *Verdict {
	if allowed(digest, l) {
		return nil
	}
	var sum int64
	var over []string
	for _, r := range removals {
		sum += r.N - r.Again
		if Exceeds(r.N, r.Total, l) {
			over = append(over, fmt.Sprintf("%d of %d %s, which is more than %v %%", r.N, r.Total, r.What, l.MaxDeletePercent))
		}
	}
	if sum > int64(l.MaxDeletes) {
		over = append(over, fmt.Sprintf("%d removals in all are more than %d", sum, l.MaxDeletes))
	}
	if len(over) == 0 {
		return nil
	}
	return Refused(report.ReasonDeletionCapExceeded,
		"nothing was removed: %s; look at the sample, then allow this very plan "+
			"with --allow-plan=%s, or raise --max-deletes and --max-delete-percent (in a schedule: spec.limits)",
		strings.Join(over, "; "), digest)
}

// Exceeds tells whether n of a whole are more than MaxDeletePercent allows, where a part of one counts as one.
func Exceeds(n, total int64, l jobspec.Limits) bool {
	return float64(n) > math.Ceil(float64(total)*l.MaxDeletePercent/100)
}

// TargetMissing is nil where the limits name this very plan; else it is the refusal to remove references only because
// all that they could lead to is gone. What says so, and what to check.
func TargetMissing(what, digest string, l jobspec.Limits) *Verdict {
	if allowed(digest, l) {
		return nil
	}
	return Refused(report.ReasonTargetMissing,
		"%s; if it is empty on purpose, allow this very plan with --allow-plan=%s (in a schedule: spec.limits)", what, digest)
}

func allowed(digest string, l jobspec.Limits) bool { return digest != "" && digest == l.AllowPlan }
