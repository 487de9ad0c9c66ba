// Package form makes a form from the schema that the API server has of a resource, turns what was filled in into an
// object, and puts the API server's words beside the fields that they are about.
//
// It is pure: a schema, values and errors in, fields and objects out. It must not know a field by its name, so that a
// field that is added to the resource is in the form.
package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// schema is what of OpenAPI a structural schema of a CRD uses.
type schema struct {
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
	Required    []string          `json:"required"`
	Enum        []any             `json:"enum"`
	Default     any               `json:"default"`
	Minimum     *float64          `json:"minimum"`
	Maximum     *float64          `json:"maximum"`
	MaxLength   *int64            `json:"maxLength"`
	IntOrString bool              `json:"x-kubernetes-int-or-string"`
	Open        json.RawMessage   `json:"additionalProperties"`

	Kinds []struct{ Kind string } `json:"x-kubernetes-group-version-kind"`
}

// Kind is how a field is filled in.
type Kind string

// The kinds of fields.
const (
	Text   Kind = "text"
	Number Kind = "number"
	Check  Kind = "check"
	Choice Kind = "choice"
	List   Kind = "list"  // words with commas between them
	YAML   Kind = "yaml"  // what has no form of its own
	Group  Kind = "group" // fields of its own
)

// Field is one field of the form. Path is its name in the form and in the API server's errors, such as
// spec.window.start.
type Field struct {
	Path, Name, Label, Help string
	Kind                    Kind
	Required                bool
	Default                 string
	Least, Most             string // of a number; empty: no limit
	MaxLength               int64  // 0: no limit
	Options                 []string
	Fields                  []Field // of a group
	Optional                bool    // a group that may be set without any of its fields
	For                     string  // the values of the field task that it goes with, with blanks between them; empty: any

	Value string
	Error string
}

// Parse reads the fields of spec from the document that an API server has below /openapi/v3. First are the names of
// fields that come before the others, in that order.
func Parse(document []byte, kind string, first []string) ([]Field, error) {
	var parsed struct {
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		return nil, fmt.Errorf("read the schema of %s: %w", kind, err)
	}
	for _, s := range parsed.Components.Schemas {
		if len(s.Kinds) > 0 && s.Kinds[0].Kind == kind {
			return s.Properties["spec"].fields("spec", first), nil
		}
	}
	return nil, errors.New("the API server has no schema of " + kind)
}

// fields are the members of an object, those of first before the others, which follow in the order of their names.
func (s schema) fields(path string, first []string) (fields []Field) {
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if by := rank(first, a) - rank(first, b); by != 0 {
			return by
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		f := s.Properties[name].field(path+"."+name, name)
		f.Required = slices.Contains(s.Required, name) && s.Properties[name].Default == nil
		fields = append(fields, f)
	}
	return fields
}

func rank(first []string, name string) int {
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
}

func (s schema) field(path, name string) Field {
	f := Field{Path: path, Name: name, Label: name, Help: s.Description, Kind: s.kind(), Default: text(s.Default)}
	switch f.Kind {
	case Group:
		f.Fields = s.fields(path, nil)
		f.Optional = len(s.Required) == 0
	case Choice:
		for _, option := range s.Enum {
			f.Options = append(f.Options, text(option))
		}
	case Number:
		f.Least, f.Most = limit(s.Minimum), limit(s.Maximum)
	case Text:
		if s.MaxLength != nil {
			f.MaxLength = *s.MaxLength
		}
	}
	return f
}

func (s schema) kind() Kind {
	switch {
	case s.IntOrString:
		return Text
	case len(s.Enum) > 0:
		return Choice
	case s.Type == "string":
		return Text
	case s.Type == "integer", s.Type == "number":
		return Number
	case s.Type == "boolean":
		return Check
	case s.Type == "object" && len(s.Properties) > 0:
		return Group
	case s.Type == "array" && s.Items != nil && s.Items.Type == "string":
		return List
	}
	return YAML
}

func limit(n *float64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%.0f", *n)
}

func text(v any) string {
	if v == nil {
		return ""
	}
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
