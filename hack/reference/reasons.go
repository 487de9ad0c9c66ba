package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"ucorefs.io/maintenance/hack/markdown"
)

// group is a declaration of constants that has a comment.
type group struct {
	title string
	words []word
}

// word is one constant: its value, and the comment beside or above it.
type word struct{ value, comment string }

// reasons is the page of all words that a status, a result or an Event may have, made of the constants that define
// them.
func reasons() (string, error) {
	var out strings.Builder
	out.WriteString("# Outcomes, reasons and exit codes\n\nThe words of `status`, of results and of Events. Programs " +
		"may rely on them.\n")
	for _, source := range []struct{ folder, prefixes string }{
		{"pkg/report", "The outcomes|The reasons"},
		{"pkg/jobspec", "Exit codes"},
		{"pkg/api/v1alpha1", "Condition types|The outcomes|Reasons of|Labels of|Annotations|The triggers"},
	} {
		groups, err := constants(source.folder, strings.Split(source.prefixes, "|"))
		if err != nil {
			return "", err
		}
		for _, g := range groups {
			title, more, _ := strings.Cut(g.title, ". ")
			fmt.Fprintf(&out, "\n## %s\n\n", strings.TrimSuffix(title, "."))
			if more != "" {
				out.WriteString(more + "\n\n")
			}
			out.WriteString(markdown.Head("word", "what it means"))
			for _, w := range g.words {
				out.WriteString(markdown.Row(markdown.Code(w.value), markdown.Cell(w.comment)))
			}
		}
	}
	return out.String(), nil
}

// constants are the groups of a package whose comments begin with one of the prefixes, file after file.
func constants(folder string, prefixes []string) (groups []group, err error) {
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
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST || !begins(line(d.Doc.Text()), prefixes) {
				continue
			}
			groups = append(groups, group{title: line(d.Doc.Text()), words: words(d)})
		}
	}
	if len(groups) < len(prefixes) {
		return nil, fmt.Errorf("%s has %d groups of constants that begin with one of %q", folder, len(groups), prefixes)
	}
	return groups, nil
}

func words(d *ast.GenDecl) (all []word) {
	for _, spec := range d.Specs {
		value := spec.(*ast.ValueSpec)
		literal, ok := value.Values[0].(*ast.BasicLit)
		if !ok {
			continue
		}
		comment := line(value.Comment.Text() + value.Doc.Text())
		comment = strings.TrimPrefix(strings.TrimPrefix(comment, value.Names[0].Name+" "), "is ")
		all = append(all, word{value: strings.Trim(literal.Value, `"`), comment: comment})
	}
	return all
}

func begins(text string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

func line(text string) string { return strings.Join(strings.Fields(text), " ") }
