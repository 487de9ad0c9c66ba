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

// Every name of a collection or field comes from the declaration, so that a third library works. Names of one word,
// such as path, are words of any program and not looked for. Seen to fail with "tag_ids" written into
// verify-references.
func TestNoTaskWritesANameOfALibraryAsALiteral(t *testing.T) {
	names, looked := map[string]bool{}, 0
	declaredNames(reflect.ValueOf(library.BuiltIn()), names)
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.Contains(path, "taskstest") {
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
					t.Errorf("%s: %q is a name of a library", files.Position(literal.Pos()), text)
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

// declaredNames are the texts of a declaration that have an underscore.
func declaredNames(v reflect.Value, names map[string]bool) {
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(strings.TrimPrefix(v.String(), "_"), "_") { // _id is a name of every database
			names[v.String()] = true
		}
	case reflect.Slice:
		for i := range v.Len() {
			declaredNames(v.Index(i), names)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			declaredNames(v.Field(i), names)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			declaredNames(v.Elem(), names)
		}
	}
}
