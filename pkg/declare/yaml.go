package declare

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Write is a declaration with all guesses, each below its evidence, that library.Read accepts. What is less sure is
// commented out.
func Write(f Facts, references []Reference, counters []Counter) []byte {
	w := &writer{}
	w.line("# A first declaration of the library in the database %s, guessed from at most %d documents of each "+
		"collection.",
		f.Database, f.most())
	w.line("# Correct it before you use it: docs/library.md explains each word. Lines that are commented out are " +
		"less sure.")
	w.line("# A guess deletes nothing: every reference that leads nowhere is only reported, until you write pull, clear " +
		"or delete.")
	w.line("library: %s\n", libraryName(f.Database))
	if len(f.Samples) == 0 {
		w.line("collections: {}")
	} else {
		w.line("collections:")
	}
	nouns := map[string]bool{}
	for _, s := range f.Samples {
		w.line("  %s: %s # estimated documents: %d", quoted(s.Collection), quoted(noun(s.Collection, nouns)), s.Estimate)
	}
	w.references(references)
	w.counters(counters)
	w.mirrors(references)
	w.nested(references)
	w.line("\n# Not guessed: files, vectors, expiring, busy, indexes.")
	return w.Bytes()
}

type writer struct{ bytes.Buffer }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// section begins a section, which is commented out where nothing in it is sure.
func (w *writer) section(name string, entries, sure int) {
	switch {
	case entries == 0:
	case sure == 0:
		w.line("\n# %s:", name)
	default:
		w.line("\n%s:", name)
	}
}

// entry is one guess.
func (w *writer) entry(sure bool, line string) {
	if sure {
		w.line("  - {%s}", line)
		return
	}
	w.line("  # - {%s}", line)
}

func (w *writer) references(all []Reference) {
	plain := slices.DeleteFunc(slices.Clone(all), func(r Reference) bool { return r.Nested() })
	w.section("references", len(plain), countOf(plain, func(r Reference) bool { return r.Sure }))
	for _, r := range plain {
		w.line("  # %s", r.Evidence())
		w.entry(r.Sure, fmt.Sprintf("from: %s, to: %s, dangling: report, counts: %s",
			quoted(r.Field().String()), collections(r.To), quoted(singular(r.Path))))
	}
}

func (w *writer) counters(all []Counter) {
	w.section("counters", len(all), countOf(all, func(c Counter) bool { return c.Sure }))
	for _, c := range all {
		w.line("  # %d of %d sampled documents agree, zeros not counted", c.Equal, c.Compared)
		for _, also := range c.Also[:min(len(c.Also), 2)] {
			w.line("  # the same number: %s", also)
		}
		where := ""
		for _, condition := range c.Where {
			where = fmt.Sprintf(", where: {%s: true}", quoted(condition.Field))
			if condition.Not != nil {
				where = fmt.Sprintf(", where: {%s: {not: true}}", quoted(condition.Field))
			}
		}
		w.entry(c.Sure, fmt.Sprintf("field: %s, %s%s", quoted(c.Field.String()), derivation{rule: c.Counter}, where))
	}
}

// mirrors are pairs of lists that refer to each other's collection.
func (w *writer) mirrors(all []Reference) {
	title := "\n# Lists that refer to each other. If one repeats the other, write which one decides (of):\n# mirrors:\n"
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Sure && b.Sure && a.mirrors(b) {
				w.line("%s  # - {field: %s, of: %s}", title, quoted(a.Field().String()), quoted(b.Field().String()))
				title = ""
			}
		}
	}
}

func (r Reference) mirrors(other Reference) bool {
	return r.List && other.List && !r.Nested() && !other.Nested() && r.Collection != other.Collection &&
		slices.Contains(r.To, other.Collection) && slices.Contains(other.To, r.Collection)
}

// nested are the ids that no declaration can name.
func (w *writer) nested(all []Reference) {
	nested := slices.DeleteFunc(slices.Clone(all), func(r Reference) bool { return !r.Nested() })
	if len(nested) > 0 {
		w.line("\n# Ids inside other fields, which a declaration cannot name:")
	}
	for _, r := range nested {
		w.line("#   %s: %s", r.Place, r.Evidence())
	}
}

// Evidence is why the guess was made, such as "184 of 184 sampled values are ids of tags".
func (r Reference) Evidence() string {
	verb := "values are ids"
	if r.Values == 1 {
		verb = "value is an id"
	}
	return fmt.Sprintf("%d of %d sampled %s of %s", r.Hits, r.Values, verb, strings.Join(r.To, " or "))
}

func (f Facts) most() (n int) {
	for _, s := range f.Samples {
		n = max(n, len(s.Docs))
	}
	return n
}

func countOf[T any](all []T, is func(T) bool) (n int) {
	for _, one := range all {
		if is(one) {
			n++
		}
	}
	return n
}

// simple is a text that YAML reads as itself without quotes.
var simple = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

// reserved are words that YAML reads as something else than a text.
var reserved = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

func quoted(name string) string {
	if simple.MatchString(name) && !slices.Contains(reserved, strings.ToLower(name)) {
		return name
	}
	return strconv.Quote(name)
}

func collections(names []string) string {
	if len(names) == 1 {
		return quoted(names[0])
	}
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = quoted(name)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

var noLetters = regexp.MustCompile(`[^A-Za-z]+`)

// camel is a name in letters only: fileRecords of file_records. It is empty where the name has none.
func camel(name string) string {
	words := strings.Fields(noLetters.ReplaceAllString(name, " "))
	for i, word := range words {
		first := unicode.ToUpper
		if i == 0 {
			first = unicode.ToLower
		}
		words[i] = string(first(rune(word[0]))) + word[1:]
	}
	return strings.Join(words, "")
}

// noun is what the counts of a collection are named after; no two are the same.
func noun(collection string, taken map[string]bool) string {
	name := camel(collection)
	if name == "" {
		name = "documents"
	}
	own := name
	for letter := 'B'; taken[own]; letter++ {
		if own = name + string(letter); letter == 'Z' {
			name, letter = own, 'A'
		}
	}
	taken[own] = true
	return own
}

// singular is what the counts of a reference are named after: tag of tag_ids.
func singular(field string) string {
	name, _ := stem(field)
	if name = camel(name); name == "" {
		return "reference"
	}
	return name
}

// libraryName is the database's name as a library may be called.
func libraryName(database string) string {
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(database), "-"), "-")
	name = strings.Trim(name[:min(len(name), 60)], "-")
	if name == "" {
		return "library"
	}
	return name
}
