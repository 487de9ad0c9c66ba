package library

import "testing"

func TestIndexesAreNamedAsMongoDBNamesThem(t *testing.T) {
	if got := (Index{Fields: []string{"provider", "file_id"}}).Name(); got != "provider_1_file_id_1" {
		t.Errorf("Name() = %q", got)
	}
}
