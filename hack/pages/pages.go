// Package pages reads the documents in docs/ as the tests see them: headings, links, and blocks of code, each with its
// place.
//
// It reads only what the documents use of Markdown, and knows nothing of what they say.
package pages

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// Page is one document.
type Page struct {
	Path    string // slash-separated, relative to the folder that was read
	Anchors []string
	Links   []string // as written, without those of other hosts
	Blocks  []Block
	Text    string
}

// Block is a fenced block of code.
type Block struct {
	Language string
	Line     int // of the fence, from 1
	Code     string
}

// File is the name that the first line of a YAML block gives it, as in "# counts.yaml"; empty if it has none.
func (b Block) File() string {
	first, _, _ := strings.Cut(b.Code, "\n")
	name, ok := strings.CutPrefix(first, "# ")
	if b.Language != "yaml" || !ok || strings.ContainsAny(name, " /") || path.Ext(name) != ".yaml" {
		return ""
	}
	return name
}

// Read reads every .md file below a folder, in the order of their paths.
func Read(folder fs.FS) (pages []Page, err error) {
	err = fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		page, err := parse(name, string(text))
		pages = append(pages, page)
		return err
	})
	return pages, err
}

// InOrder are the pages in the order in which the tables of contents, which are called README.md, list them, from the
// first on. A page that nothing leads to from there is not among them.
func InOrder(pages []Page, first string) (read []Page) {
	byPath, seen := map[string]Page{}, map[string]bool{}
	for _, page := range pages {
		byPath[page.Path] = page
	}
	var follow func(name string)
	follow = func(name string) {
		page, ok := byPath[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		read = append(read, page)
		if path.Base(name) != "README.md" {
			return
		}
		for _, link := range page.Links {
			file, _, _ := strings.Cut(link, "#")
			follow(path.Join(path.Dir(name), file))
		}
	}
	follow(first)
	return read
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// parse fails on a fence that is not closed.
func parse(name, text string) (Page, error) {
	page := Page{Path: name, Text: text}
	var open *Block
	number := 0
	for line := range strings.Lines(text) {
		number++
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && open != nil:
			page.Blocks = append(page.Blocks, *open)
			open = nil
		case isFence:
			open = &Block{Language: strings.TrimSpace(fence), Line: number}
		case open != nil:
			open.Code += line
		case strings.HasPrefix(line, "#"):
			page.Anchors = append(page.Anchors, Anchor(strings.TrimLeft(line, "# ")))
		default:
			page.Links = append(page.Links, links(line)...)
		}
	}
	if open != nil {
		return page, fmt.Errorf("%s:%d: the block is not closed", name, open.Line)
	}
	return page, nil
}

func links(line string) (found []string) {
	for _, match := range link.FindAllStringSubmatch(line, -1) {
		if !strings.Contains(match[1], "://") {
			found = append(found, match[1])
		}
	}
	return found
}

// Anchor is what a heading is linked by, as GitHub makes it: lower case, spaces as hyphens, without punctuation.
func Anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.TrimSpace(heading))
}
