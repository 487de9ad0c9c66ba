package pages

import (
	"regexp"
	"strings"
)

var (
	fenced      = regexp.MustCompile("(?s)```.*?```")
	sentenceEnd = regexp.MustCompile("[.:] ([A-Z`])")
)

// Sentences are what a page says outside its headings and blocks of code: the sentences of its paragraphs and lists,
// and the rows of its tables.
func (p Page) Sentences() (all []string) {
	paragraph := ""
	end := func() {
		all = append(all, split(strings.TrimSpace(paragraph))...)
		paragraph = ""
	}
	for _, line := range strings.Split(fenced.ReplaceAllString(p.Text, ""), "\n") {
		item, isItem := strings.CutPrefix(line, "- ")
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
			end()
		case strings.HasPrefix(line, "|"):
			end()
			all = append(all, line)
		case isItem:
			end()
			paragraph = item
		default:
			paragraph += " " + strings.TrimSpace(line)
		}
	}
	end()
	return withoutHeads(all)
}

// split cuts a paragraph where a sentence ends, or a colon leads to another one. Within quoted code nothing ends.
func split(paragraph string) (all []string) {
	from := 0
	for _, at := range sentenceEnd.FindAllStringSubmatchIndex(paragraph, -1) {
		if strings.Count(paragraph[:at[0]], "`")%2 == 0 {
			all = append(all, paragraph[from:at[0]+1])
			from = at[2]
		}
	}
	if rest := paragraph[from:]; rest != "" {
		all = append(all, rest)
	}
	return all
}

// withoutHeads leaves out the heads of tables, and the lines below them.
func withoutHeads(all []string) (rows []string) {
	for i, line := range all {
		if strings.HasPrefix(line, "|--") || i+1 < len(all) && strings.HasPrefix(all[i+1], "|--") {
			continue
		}
		rows = append(rows, line)
	}
	return rows
}
