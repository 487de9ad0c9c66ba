package manifests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// object is a JSON object with its place in the file.
type object struct {
	path   string
	keys   []string // in the file's order
	values map[string]json.RawMessage
}

// parseFile is the whole file; the error of a syntax error has its line.
func parseFile(config []byte) (*object, error) {
	config = bytes.TrimPrefix(config, []byte("\ufeff")) // as editors on Windows begin a file
	if !json.Valid(config) {
		var anything any
		err := json.Unmarshal(config, &anything)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			before := config[:min(int(syntax.Offset), len(config))]
			return nil, fmt.Errorf("line %d is not JSON: %w", 1+bytes.Count(before, []byte("\n")), err)
		}
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	return parseObject("", config)
}

// parseObject reads one level, and refuses a key that stands there twice: a reader would keep the last and lose the first.
func parseObject(path string, raw json.RawMessage) (*object, error) {
	o := &object{path: path, values: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(raw))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return o, fmt.Errorf("%s: it must be an object, {…}, and is %s", o.name(), short(raw))
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return o, fmt.Errorf("%s: %w", o.name(), err)
		}
		key := token.(string) // the keys of valid JSON are strings
		var value json.RawMessage
		if err := d.Decode(&value); err != nil && !errors.Is(err, io.EOF) {
			return o, fmt.Errorf("%s: %w", o.name(), err)
		}
		if _, twice := o.values[key]; twice {
			return o, fmt.Errorf("%s: it is written twice: remove one", o.below(key))
		}
		o.keys = append(o.keys, key)
		o.values[key] = value
	}
	return o, nil
}

func (o *object) name() string {
	if o.path == "" {
		return "the file"
	}
	return o.path
}

func (o *object) below(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

// has tells whether a key is there; null is as good as nothing.
func (o *object) has(key string) bool {
	raw, ok := o.values[key]
	return ok && string(raw) != "null"
}

// short is a value as an error quotes it.
func short(raw []byte) string {
	const most = 40
	if text := string(bytes.TrimSpace(raw)); len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(string(raw[:most]), "") + "…"
}

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

func (r *reader) whole(key string, least, most int) (value int, given bool) {
	if !r.read(key, fmt.Sprintf("a whole number from %d to %d", least, most), &value) {
		return 0, false
	}
	if value < least || value > most {
		r.c.fail(r.below(key), "write a whole number from %d to %d instead of %d", least, most, value)
		return 0, false
	}
	return value, true
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
		r.c.fail(r.below(at), "the interval is zero: write interval_minutes, interval_hours or interval_days with a number above 0")
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
	return quantity(int64(math.Round(n * unit)))
}

// refuseOthers fails for each key that is none of these.
func (r *reader) refuseOthers(known ...string) {
	for _, key := range r.keys {
		if !slices.Contains(known, key) {
			r.c.fail(r.below(key), "unknown key: known here are %s", strings.Join(known, ", "))
		}
	}
}
