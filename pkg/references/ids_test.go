package references

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

func raw(t *testing.T, v any) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(bson.D{{Key: "f", Value: v}})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestWhatAFieldRefersTo(t *testing.T) {
	const text = "5e0be11de32838ed0000001d"
	id, err := bson.ObjectIDFromHex(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		value any
		list  bool
		want  []string
	}{
		"an ObjectID":                          {id, false, []string{text}},
		"the text of an ObjectID is that one":  {text, false, []string{text}},
		"in capitals too":                      {"5E0BE11DE32838ED0000001D", false, []string{text}},
		"any other text is itself":             {text + "0", false, []string{`"` + text + `0"`}},
		"24 characters that are no hex digits": {"5e0be11de32838ed0000001g", false, []string{`"5e0be11de32838ed0000001g"`}},
		"a number, whatever its type":          {7.0, false, []string{"7"}},
		"null refers to nothing":               {nil, false, nil},
		"an empty text refers to nothing":      {"", false, nil},
		"a list in a single field":             {bson.A{id}, false, nil},
		"each element of a list, as often as it is": {
			bson.A{id, text, nil, int64(7), bson.A{id}, 7.0}, true, []string{text, text, "7", "7"},
		},
		"no list in the field of a list": {id, true, nil},
		"an empty list":                  {bson.A{}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for target := range (held{raw(t, c.value).Lookup("f"), c.list}).targets {
				got = append(got, target.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := slices.Collect(held{}.targets); len(got) > 0 {
		t.Errorf("a missing field refers to %v", got)
	}
}

// A document is looked for under each id by which a reference may mean it, and each of them leads back to the one form.
func TestBothFormsAreOne(t *testing.T) {
	oid := bsonvalue.ObjectID(bson.NewObjectID())
	forms := bothForms(oid)
	if len(forms) != 2 || forms[0] == forms[1] {
		t.Errorf("an ObjectID has the forms %v", forms)
	}
	for _, form := range forms {
		if oneForm(form) != oid {
			t.Errorf("%v becomes %v", form, oneForm(form))
		}
	}
	if forms := bothForms(bsonvalue.Int(7)); !cmp.Equal([]string{"7"}, []string{forms[0].String()}) || len(forms) != 1 {
		t.Errorf("a number has the forms %v", forms)
	}
}
