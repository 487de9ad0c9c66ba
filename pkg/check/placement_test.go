package check

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
)

// Of a part of the records it is only known that some lie in a root, or that none does.
func TestOfALargeLibraryAPartIsRead(t *testing.T) {
	s := mongotest.New(t)
	for i := range 5 {
		doc := bson.D{{Key: "_id", Value: i}, {Key: "path", Value: fmt.Sprintf("/photos/%d", i)}}
		if _, err := s.DB.Collection("file_records").InsertOne(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		roots []string
		most  int
		says  string // empty: nothing
	}{
		"some lie in a root":         {[]string{"/photos", "/wrong"}, 4, ""},
		"none lies in any":           {[]string{"/wrong"}, 4, "none of the first 4 records lies in a library root"},
		"the library is just so big": {[]string{"/wrong"}, 5, `no record lies in the library root "/wrong"`},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Library: ucorefs(t)}
			for _, root := range c.roots {
				f.Folders = append(f.Folders, Folder{Flag: libraryRootFlag, Path: root})
			}
			if err := f.place(t.Context(), s.Connect(t, nil).Reader(), nil, nil, c.most); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(f.Mismatches, "\n"); !strings.Contains(got, c.says) || (got == "") != (c.says == "") {
				t.Errorf("it says %q, want %q", got, c.says)
			}
		})
	}
}
