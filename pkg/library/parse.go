package library

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Parse reads a model from JSON that says only what differs from UCoreFS, such as {"files": {"collection": "photos"}}. A list or
// map that is given replaces the default one. The error says what is wrong and what to write.
func Parse(text []byte) (Model, error) {
	m := UCoreFS()
	m.Tasks.Finished, m.Embeddings.Dimensions = nil, nil // decoding would add to them
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&m); err != nil {
		return Model{}, fmt.Errorf(`%w; write the names that differ, such as {"files": {"collection": "photos", "size": "bytes"}}`, err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return Model{}, errors.New("there is something after the model: one JSON object is wanted")
	}
	if m.Tasks.Finished == nil {
		m.Tasks.Finished = UCoreFS().Tasks.Finished
	}
	if m.Embeddings.Dimensions == nil {
		m.Embeddings.Dimensions = UCoreFS().Embeddings.Dimensions
	}
	return m, m.Validate()
}

// Validate says everything that is wrong with m, or nil.
func (m Model) Validate() error {
	errs := append(m.checkCollections(), m.checkFields()...)
	for provider, n := range m.Embeddings.Dimensions {
		if n <= 0 {
			errs = append(errs, fmt.Errorf("embeddings.dimensions: %d for %q: write how many numbers its vectors have", n, provider))
		}
	}
	if len(m.Tasks.Finished) == 0 {
		errs = append(errs, errors.New("tasks.finished is empty: write the statuses of tasks that may be deleted, such as completed"))
	}
	for _, status := range m.Tasks.Finished {
		if status == "pending" || status == "running" || status == "" {
			errs = append(errs, fmt.Errorf("tasks.finished: a task that is %q is not finished: leave it out", status))
		}
	}
	return errors.Join(errs...)
}

// checkCollections makes sure that no two roles share a collection and that none is a server's or maintenance's own.
func (m Model) checkCollections() (errs []error) {
	role := map[string]string{}
	for name, collection := range m.collections() {
		key := jsonName(name) + ".collection"
		switch other, taken := role[collection.Field(0).String()]; {
		case taken:
			errs = append(errs, fmt.Errorf("%s and %s are both %q: each needs its own", min(other, key), max(other, key), collection.Field(0)))
		case strings.HasPrefix(collection.Field(0).String(), Reserved), strings.HasPrefix(collection.Field(0).String(), "system."):
			errs = append(errs, fmt.Errorf("%s is %q: names that begin with %s or system. are not the library's", key, collection.Field(0), Reserved))
		}
		role[collection.Field(0).String()] = key
	}
	return errs
}

// checkFields looks at every name of every collection.
func (m Model) checkFields() (errs []error) {
	for name, collection := range m.collections() {
		for i := range collection.NumField() {
			if collection.Field(i).Kind() != reflect.String {
				continue
			}
			if why := wrongName(collection.Field(i).String()); why != "" {
				errs = append(errs, fmt.Errorf("%s.%s: %q %s", jsonName(name), jsonName(collection.Type().Field(i).Name), collection.Field(i), why))
			}
		}
	}
	return errs
}

// collections are the members of m by their Go names; the first field of each is the collection's name.
func (m Model) collections() map[string]reflect.Value {
	v, all := reflect.ValueOf(m), map[string]reflect.Value{}
	for i := range v.NumField() {
		all[v.Type().Field(i).Name] = v.Field(i)
	}
	return all
}

// wrongName is why a name cannot be that of a collection or a field here; empty where it can.
func wrongName(name string) string {
	switch {
	case name == "":
		return "is empty: write a name, or leave the line out"
	case strings.ContainsAny(name, "$.\x00"):
		return "holds a dollar sign, a dot or a NUL: only fields at the top of a document can be named"
	}
	return ""
}

// jsonName is a field's name in JSON.
func jsonName(name string) string { return strings.ToLower(name[:1]) + name[1:] }
