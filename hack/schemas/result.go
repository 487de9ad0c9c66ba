package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/report"
)

// result is the schema of report.Result, made of the type, and of the comments and constants of its package in a
// folder.
func result(folder string) (schema, error) {
	source, err := parse(folder)
	if err != nil {
		return nil, err
	}
	comments, words := commentsOf(source, "Result"), constantsOf(source)
	members, required := schema{}, []string{}
	kind := reflect.TypeFor[report.Result]()
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		member := typed(field.Type)
		if comment := comments[field.Name]; comment != "" {
			member["description"] = comment
		}
		if enum := words[field.Type.Name()]; len(enum) > 0 {
			member["enum"] = enum
		}
		if members[name] = member; options != "omitempty" {
			required = append(required, name)
		}
	}
	members["schemaVersion"].(schema)["const"] = report.SchemaVersion
	members["reason"].(schema)["enum"] = append(words["Reason"], "")
	if len(words["Outcome"]) < 2 || len(words["Reason"]) < 2 {
		return nil, fmt.Errorf("%s declares %d outcomes and %d reasons", folder, len(words["Outcome"]), len(words["Reason"]))
	}
	return schema{"title": "The result of a run", "type": "object", "properties": members, "required": required}, nil
}

// typed is the schema of a type of Go, as encoding/json writes it.
func typed(kind reflect.Type) schema {
	switch {
	case kind == reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	case kind.Kind() == reflect.Map:
		return schema{"type": []string{"object", "null"}, "additionalProperties": typed(kind.Elem())}
	case kind.Kind() == reflect.Slice:
		return schema{"type": "array", "items": typed(kind.Elem())}
	case kind.Kind() == reflect.String:
		return schema{"type": "string"}
	case kind.Kind() == reflect.Bool:
		return schema{"type": "boolean"}
	case kind.Kind() == reflect.Float64:
		return schema{"type": "number"}
	}
	return schema{"type": "integer"}
}

func parse(folder string) (files []*ast.File, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, entry.Name()), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// commentsOf are the comments of a struct's fields.
func commentsOf(files []*ast.File, name string) map[string]string {
	comments := map[string]string{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != name {
				return true
			}
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				text := strings.Join(strings.Fields(field.Doc.Text()+field.Comment.Text()), " ")
				for _, as := range field.Names {
					comments[as.Name] = strings.TrimPrefix(strings.TrimPrefix(text, as.Name+" "), "is ")
				}
			}
			return false
		})
	}
	return comments
}

// constantsOf are the values of the typed constants, by type.
func constantsOf(files []*ast.File) map[string][]string {
	words := map[string][]string{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type == nil || len(spec.Values) != 1 {
				return true
			}
			kind, named := spec.Type.(*ast.Ident)
			literal, text := spec.Values[0].(*ast.BasicLit)
			if named && text {
				words[kind.Name] = append(words[kind.Name], strings.Trim(literal.Value, `"`))
			}
			return true
		})
	}
	return words
}
