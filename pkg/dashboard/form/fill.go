package form

import (
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// Fill puts values into the fields, and returns the object that they make. A field that cannot be read has an error,
// and the object lacks it; ok tells whether all could be.
func Fill(fields []Field, value func(path string) string) (object map[string]any, ok bool) {
	object, ok = map[string]any{}, true
	for i := range fields {
		f := &fields[i]
		read, present := f.read(value)
		if f.Error != "" {
			ok = false
		}
		if f.Kind == Group {
			ok = ok && !hasError(f.Fields)
		}
		if present {
			object[f.Name] = read
		}
	}
	return object, ok
}

func hasError(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.Error != "" || hasError(f.Fields) })
}

// read is what a field says, and whether it says anything.
func (f *Field) read(value func(string) string) (any, bool) {
	f.Value = strings.TrimSpace(value(f.Path))
	if f.Kind == Group {
		object, _ := Fill(f.Fields, value)
		return object, len(object) > 0 || f.Optional && f.Value != ""
	}
	if f.Value == "" {
		return nil, false
	}
	switch f.Kind {
	case Number:
		if n, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
			return n, true
		}
		f.Error = "Write a whole number."
	case Check:
		return f.Value == "true", true
	case List:
		return words(f.Value), true
	case YAML:
		var read any
		err := yaml.Unmarshal([]byte(f.Value), &read)
		if err == nil {
			return read, true
		}
		f.Error = "Write it as in a manifest, with two blanks for each level: " + err.Error()
	default:
		return f.Value, true
	}
	return nil, false
}

func words(list string) (all []string) {
	for _, word := range strings.Split(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			all = append(all, word)
		}
	}
	return all
}

// Complaint is what an API server says about a field.
type Complaint struct{ Path, Words string }

// Place puts each complaint beside its field: the one with the path, else the nearest around it, else the first field
// that the words name. It returns those that have no field.
func Place(fields []Field, complaints []Complaint) (rest []string) {
	for _, c := range complaints {
		f := find(fields, c.Path)
		if f == nil {
			f = named(fields, c.Words)
		}
		if f == nil {
			rest = append(rest, c.Words)
			continue
		}
		if f.Error != "" {
			f.Error += " "
		}
		f.Error += c.Words
	}
	return rest
}

// find is the field with the path, or the nearest one that it is part of.
func find(fields []Field, path string) *Field {
	for i := range fields {
		f := &fields[i]
		rest, inside := strings.CutPrefix(path, f.Path)
		if !inside || rest != "" && rest[0] != '.' && rest[0] != '[' {
			continue
		}
		if inner := find(f.Fields, path); inner != nil {
			return inner
		}
		return f
	}
	return nil
}

// named is the first field that a text names, as rules about several fields do.
func named(fields []Field, text string) *Field {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r &&
			r <= 'Z' || r == '.')
	}) {
		for i := range fields {
			if name, _, _ := strings.Cut(strings.TrimPrefix(word, "spec."), "."); name == fields[i].Name {
				return &fields[i]
			}
		}
	}
	return nil
}
