package manifests

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// reader reads the members of an object; what is wrong with them becomes errors of the conversion.
type reader struct {
	*object
	c *converter
}

// member is a member that is an object; an empty one where it is missing or anything else.
func (r *reader) member(key string) *reader {
	below := &object{path: r.below(key), values: map[string]json.RawMessage{}}
	if r.has(key) {
		o, err := parseObject(below.path, r.values[key])
		if err != nil {
			r.c.errs = append(r.c.errs, err)
			return &reader{object: below, c: r.c}
		}
		below = o
	}
	return &reader{object: below, c: r.c}
}

// read fills to, which holds the default, and tells whether the member is there and right.
func (r *reader) read(key, expected string, to any) bool {
	if !r.has(key) {
		return false
	}
	if err := json.Unmarshal(r.values[key], to); err != nil {
		r.c.fail(r.below(key), "write %s instead of %s", expected, short(r.values[key]))
		return false
	}
	return true
}

func (r *reader) boolean(key string, otherwise bool) bool {
	value := otherwise
	if !r.read(key, "true or false", &value) {
		return otherwise
	}
	return value
}

// number is a member that is a number from 0 on.
func (r *reader) number(key string) (value float64, given bool) {
	if !r.read(key, "a number", &value) {
		return 0, false
	}
	if value < 0 {
		r.c.fail(r.below(key), "write 0 or more instead of %s", short(r.values[key]))
		return 0, false
	}
	return value, true
}

// whole is a member that is a whole number, of at most 53 bits; 3.0 is one, as Python writes it.
func (r *reader) whole(key string, least, most int) (value int, given bool) {
	expected := fmt.Sprintf("a whole number from %d to %d", least, most)
	var n float64
	if !r.read(key, expected, &n) {
		return 0, false
	}
	if n != math.Trunc(n) || n < float64(least) || n > float64(most) {
		r.c.fail(r.below(key), "write %s instead of %s", expected, short(r.values[key]))
		return 0, false
	}
	return int(n), true
}

// longest is the longest period that a schedule takes: a year.
const longest = 8760 * time.Hour

// duration is a number of units; it is rounded to seconds.
func (r *reader) duration(key string, unit, otherwise time.Duration) time.Duration {
	n, given := r.number(key)
	if !given {
		return otherwise
	}
	if n*float64(unit) > float64(longest) {
		r.c.fail(r.below(key), "%s is more than a year", short(r.values[key]))
		return otherwise
	}
	return time.Duration(n * float64(unit)).Round(time.Second)
}

// interval is the sum of the three members; 0 where that is no interval.
func (r *reader) interval() time.Duration {
	units := []struct {
		key  string
		unit time.Duration
	}{{"interval_hours", time.Hour}, {"interval_minutes", time.Minute}, {"interval_days", 24 * time.Hour}}
	var sum time.Duration
	at, before := "", len(r.c.errs)
	for _, u := range units {
		sum += r.duration(u.key, u.unit, 0)
		if at == "" && r.has(u.key) {
			at = u.key
		}
	}
	switch {
	case len(r.c.errs) > before:
		return 0
	case at == "":
		r.c.fail(r.below(units[0].key), "there is no interval: write interval_minutes, interval_hours or interval_days")
	case sum == 0:
		r.c.fail(r.below(at), "the interval is zero: write interval_minutes, interval_hours or interval_days "+
			"with a number above 0")
	case sum < time.Minute || sum > longest:
		r.c.fail(r.below(at), "the interval is %s: write one from a minute to a year", text(sum))
	default:
		return sum
	}
	return 0
}

// bytes is a number of units of so many bytes, as Kubernetes writes it; empty where it is missing.
func (r *reader) bytes(key string, unit float64) string {
	n, given := r.number(key)
	if !given {
		return ""
	}
	if n*unit >= math.MaxInt64 {
		r.c.fail(r.below(key), "%s is more than there are bytes", short(r.values[key]))
		return ""
	}
	if n >= 0 && n*unit < float64(jobspec.MiB) { // the resource refuses it, too
		r.c.fail(r.below(key), "%s is less than one MiB: write a larger number", short(r.values[key]))
		return ""
	}
	return quantity(int64(math.Round(n * unit)))
}

// hasOthers tells whether there is a key that is none of these.
func (r *reader) hasOthers(known ...string) bool {
	return slices.ContainsFunc(r.keys, func(key string) bool { return !slices.Contains(known, key) })
}

// refuseOthers fails for each key that is none of these.
func (r *reader) refuseOthers(known ...string) {
	for _, key := range r.keys {
		if !slices.Contains(known, key) {
			r.c.fail(r.below(key), "unknown key: known here are %s", strings.Join(known, ", "))
		}
	}
}
