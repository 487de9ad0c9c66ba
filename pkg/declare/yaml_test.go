package declare

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/library"
)

// Whatever the names are, what is written can be read, and says what was guessed.
func TestWhatIsWrittenCanBeRead(t *testing.T) {
	names := []string{"orders", "on", "null", "a.b", "a-b", "a b", `a"b`, "üж", "1", "a: b", "#a", "true", "orders2",
		"orders3", "a\tb", "{a}", "*a", "&a"}
	docs := map[string][]bson.D{"maintenance": known("x", 1)}
	for _, name := range names {
		docs[name] = holding(strings.NewReplacer(".", "").Replace(name)+"_id", func(i int) any { return oid("c", i) })
		for i := range docs[name] {
			docs[name][i][0].Value = oid(name, i)
		}
	}
	docs["customers"] = known("c", 20)
	f := factsOf(librarytest.Raw(docs), 100)
	f.Database = "Films & more_" + strings.Repeat("x", 70)
	text := Write(f, References(f), Counters(f))
	l, err := library.Read("library.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(l.Collections) != len(docs) || len(l.References) != len(names) {
		t.Errorf("%d collections and %d references:\n%s", len(l.Collections), len(l.References), text)
	}
	for _, r := range l.References {
		if r.Dangling != library.Report {
			t.Errorf("%s is not only reported", r.From)
		}
	}
}

func TestALibraryOfWhichNothingIsKnownCanBeRead(t *testing.T) {
	for _, f := range []Facts{factsOf(librarytest.Raw(map[string][]bson.D{"things": nil}), 10),
		factsOf(librarytest.Docs{"things": nil}, 10)} {
		text := Write(f, References(f), Counters(f))
		if _, err := library.Read("library.yaml", text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// What is less sure is there for a person to see, and is not part of the declaration.
func TestWhatIsLessSureIsCommentedOut(t *testing.T) {
	f := factsOf(librarytest.Raw(map[string][]bson.D{"customers": numbered(20), "orders": holding("buyer_id",
		func(i int) any { return i })}), 100)
	text := string(Write(f, References(f), nil))
	want := "\n# references:\n  # 20 of 20 sampled values are ids of customers\n  # - {from: orders.buyer_id, to: " +
		"customers, dangling: report, counts: buyer}\n"
	if !strings.Contains(text, want) {
		t.Errorf("it does not say\n%s\nbut\n%s", want, text)
	}
	l, err := library.Read("library.yaml", []byte(text))
	if err != nil || len(l.References) != 0 {
		t.Error(fmt.Sprint(l.References, err))
	}
}
