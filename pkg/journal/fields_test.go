package journal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestBetweenNamesTheFieldsThatAnUpdateCanSet(t *testing.T) {
	d := func(pairs ...any) bson.Raw {
		doc := bson.D{}
		for i := 0; i < len(pairs); i += 2 {
			doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return raw(t, doc)
	}
	for name, c := range map[string]struct {
		from, to bson.Raw
		names    []string
		ok       bool
	}{
		"nothing":                      {d("a", 1), d("a", 1), nil, true},
		"a value":                      {d("a", 1, "b", 2), d("a", 1, "b", 3), []string{"b"}, true},
		"a field less":                 {d("a", 1, "b", 2), d("a", 1), []string{"b"}, true},
		"a field less in the middle":   {d("a", 1, "b", 2, "c", 3), d("a", 1, "c", 3), []string{"b"}, true},
		"a field more at the end":      {d("a", 1), d("a", 1, "b", 2), []string{"b"}, true},
		"two fields more, by name":     {d("z", 1), d("z", 1, "a", 2, "b", 3), []string{"a", "b"}, true},
		"two fields more, not by name": {d("z", 1), d("z", 1, "b", 2, "a", 3), nil, false},
		"a field more in front":        {d("a", 1), d("b", 2, "a", 1), nil, false},
		"another order":                {d("a", 1, "b", 2), d("b", 2, "a", 1), nil, false},
		"odd fields that stay": {d("", 1, "a.b", 2, "$c", 3, "d", 1), d("", 1, "a.b", 2, "$c", 3, "d", 2),
			[]string{"d"}, true},
		"a field with a dot changes":         {d("a.b", 1), d("a.b", 2), nil, false},
		"a field with a dollar goes":         {d("a", 1, "$b", 1), d("a", 1), nil, false},
		"a field without a name comes":       {d("a", 1), d("a", 1, "", 1), nil, false},
		"a field that is there twice":        {d("a", 1, "a", 2), d("a", 1, "a", 3), nil, false},
		"a field that is there twice later":  {d("a", 1), d("a", 1, "a", 3), nil, false},
		"a field less and another one more":  {d("a", 1, "b", 2), d("a", 1, "c", 2), []string{"b", "c"}, true},
		"the dollar at the end is no matter": {d("a$", 1), d("a$", 2), []string{"a$"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			fields, ok := Between(c.from, c.to)
			if ok != c.ok {
				t.Fatalf("%v, %v", fields, ok)
			}
			var names []string
			for _, f := range fields {
				if ok {
					names = append(names, f.Name)
				}
			}
			if diff := cmp.Diff(c.names, names); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
