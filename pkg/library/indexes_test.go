package library

import "testing"

func TestEveryIndexHasFieldsAndANameOfItsOwn(t *testing.T) {
	var all []CollectionIndexes
	for _, l := range BuiltIn() {
		all = append(all, l.Indexes...)
	}
	for _, c := range all {
		names := map[string]bool{}
		for _, index := range c.Indexes {
			for _, field := range index.Fields {
				if field == "" {
					t.Errorf("%s: there is no name for a field of %v", c.Collection, index.Fields)
				}
			}
			if names[index.Name()] {
				t.Errorf("%s: two indexes are called %s", c.Collection, index.Name())
			}
			names[index.Name()] = true
		}
		if c.Collection == "" || len(names) == 0 {
			t.Errorf("%q has %d indexes", c.Collection, len(names))
		}
	}
}

func TestIndexesAreNamedAsMongoDBNamesThem(t *testing.T) {
	if got := (Index{Fields: []string{"provider", "file_id"}}).Name(); got != "provider_1_file_id_1" {
		t.Errorf("Name() = %q", got)
	}
}
