package schedule

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// fields are the five of cron, with the values that H may take: days of the month that every month has.
var fields = []struct {
	name        string
	least, most int
}{{"minute", 0, 59}, {"hour", 0, 23}, {"day of month", 1, 28}, {"month", 1, 12}, {"day of week", 0, 6}}

// spreadFields replaces each H of an expression by values that the key chooses, always the same and evenly over all
// keys: H is one value of the field, H(9-17) one of those, H/15 every fifteenth from one of the first fifteen on,
// H(9-17)/2 both. With a window, the values are those with the most runs in it. An expression without H comes back as
// it is, right or wrong.
func spreadFields(expression, key string, within Within) (string, error) {
	plain, err := spreadBy(expression, key, shift{})
	if err != nil || within == nil || plain == expression {
		return plain, err
	}
	return spreadBy(expression, key, within.shiftInto(expression, key))
}

// spreadBy replaces each H by the value that the key chooses, moved on by the shift of its field.
func spreadBy(expression, key string, moved shift) (string, error) {
	parts := strings.Fields(expression)
	if len(parts) != len(fields) {
		return expression, nil
	}
	changed := false
	for i, part := range parts {
		items := strings.Split(part, ",")
		for j, item := range items {
			if !isSpread(item) {
				continue
			}
			value, err := spreadItem(item, i, key, moved[i])
			if err != nil {
				return "", fmt.Errorf("%w: %q: %w", ErrSchedule, expression, err)
			}
			items[j], changed = value, true
		}
		parts[i] = strings.Join(items, ",")
	}
	if !changed {
		return expression, nil
	}
	return strings.Join(parts, " "), nil
}

// isSpread tells an H from a name that begins with one; cron has none, and its parser says so.
func isSpread(item string) bool {
	return item == "H" || strings.HasPrefix(item, "H(") || strings.HasPrefix(item, "H/")
}

func spreadItem(item string, field int, key string, moved int) (string, error) {
	f := fields[field]
	wrong := fmt.Errorf("%s as %s: write H, H/15, H(%d-%d) or H(%d-%d)/15, with values from %d to %d",
		item, f.name, f.least, f.most, f.least, f.most, f.least, f.most)
	within, every, stepped := strings.Cut(strings.TrimPrefix(item, "H"), "/")
	least, most := f.least, f.most
	if within != "" {
		from, to, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(within, "("), ")"), "-")
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		if !ok || within[len(within)-1] != ')' || errA != nil || errB != nil || a < f.least || b > f.most || a > b {
			return "", wrong
		}
		least, most = a, b
	}
	if !stepped {
		return strconv.Itoa(least + choice(key, f.name, most-least+1, moved)), nil
	}
	step, err := strconv.Atoi(every)
	if err != nil || step < 1 || step > most-least {
		return "", wrong
	}
	return fmt.Sprintf("%d-%d/%d", least+choice(key, f.name, step, moved), most, step), nil
}

// choice is one of n numbers from 0 on, another one for each field of a key and each move up to n.
func choice(key, field string, n, moved int) int {
	return (int(hash(key+"\x00"+field)%uint64(n)) + moved) % n
}

// hash mixes the bits of FNV, of which the low ones alone are uneven for short keys.
func hash(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text)) // never fails
	sum := h.Sum64()
	return sum ^ sum>>32
}
