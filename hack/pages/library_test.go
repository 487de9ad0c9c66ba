package pages

import (
	"regexp"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/library"
)

// declaration is how a declaration begins, below the name of its file.
var declaration = regexp.MustCompile(`^# .*\nlibrary: `)

func TestEveryDeclarationThatIsShownCanBeUsed(t *testing.T) {
	found := 0
	for name, page := range docs(t) {
		for _, block := range page.Blocks {
			if !declaration.MatchString(block.Code) {
				continue
			}
			found++
			if _, err := library.Read(block.File(), []byte(block.Code)); err != nil {
				t.Errorf("docs/%s:%d: %v", name, block.Line, err)
			}
		}
	}
	if found == 0 {
		t.Error("no page shows a declaration")
	}
}

// The page explains each word of the declarations that are built in.
func TestThePageOfTheDeclarationExplainsEveryWord(t *testing.T) {
	text := docs(t)["library.md"].Text
	words := regexp.MustCompile(`(?m)(?:^|[{,] *)([a-zA-Z]+):`)
	for _, l := range library.BuiltIn() {
		declared, err := library.Text(l.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words.FindAllStringSubmatch(string(declared), -1) {
			if !strings.Contains(text, word[1]) {
				t.Errorf("docs/library.md does not explain %s, which the declaration %s has", word[1], l.Name)
			}
		}
	}
}
