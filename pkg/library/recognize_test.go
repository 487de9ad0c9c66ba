package library

import (
	"errors"
	"strings"
	"testing"
)

func TestTheLayoutIsFoundByTheCollectionsThatExist(t *testing.T) {
	for name, c := range map[string]struct {
		existing []string
		want     string // the layout, or what the error says
	}{
		"a full desktop library": {[]string{"file_records", "directory_records", "tags", "embedding_records",
			"journal"}, "ucorefs"},
		"one that was just begun": {[]string{"directory_records"}, "ucorefs"},
		"a full web library": {[]string{"file_records", "tags", "file_tags", "file_albums", "embeddings",
			"task_records", "journal_events"}, "ucorefs-web"},
		"an empty database":                  {nil, "holds no library"},
		"another application's database":     {[]string{"tags", "tasks", "users", "journal"}, "holds no library"},
		"maintenance's own collections only": {[]string{"maintenance_locks"}, "holds no library"},
		"both layouts in one database": {[]string{"file_records", "embedding_records", "file_tags"},
			"several libraries (ucorefs, ucorefs-web)"},
	} {
		l, err := Find("db", BuiltIn(), c.existing)
		var none *NotFoundError
		if l.Name != c.want && (!errors.As(err, &none) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %q, %v; want %q", name, l.Name, err, c.want)
		}
	}
}
