package pages

import (
	"regexp"
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
