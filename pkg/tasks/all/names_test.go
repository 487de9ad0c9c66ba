package all

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/library"
)

// Every name of a collection or field comes from the model, so that --model works. Names of one word, such as path, are words of
// any program and not looked for. Seen to fail with "tag_ids" written into verify-references.
func TestNoTaskWritesANameOfTheModelAsALiteral(t *testing.T) {
	names, looked := modelNames(reflect.ValueOf(library.UCoreFS())), 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "taskstest") {
			return err
		}
		looked++
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, _ := strconv.Unquote(literal.Value); names[text] {
					t.Errorf("%s: %q is a name of the model", files.Position(literal.Pos()), text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || looked < 20 {
		t.Errorf("looked at %d files: %v", looked, err)
	}
}

// modelNames are the values of a model that have an underscore.
func modelNames(v reflect.Value) map[string]bool {
	names := map[string]bool{}
	for i := range v.NumField() {
		for j := range v.Field(i).NumField() {
			if field := v.Field(i).Field(j); field.Kind() == reflect.String && strings.Contains(field.String(), "_") {
				names[field.String()] = true
			}
		}
	}
	return names
}
