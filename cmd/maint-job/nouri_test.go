package main

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// A pod whose Secret does not exist says which Secret that is. Seen to fail where it said that the connection string is
// empty.
func TestAMissingSecretIsNamed(t *testing.T) {
	const from = "the key uri of the Secret ucorefs-mongodb in the namespace media"
	for _, command := range [][]string{{"check"}, {"run", jobspec.VerifyReferences}} {
		r := job(t, map[string]string{jobspec.EnvMongoDBURIFrom: from}, command...)
		if r.code != jobspec.ExitConfig || !strings.Contains(r.out+r.errs, from+" does not exist or is empty: create it") {
			t.Errorf("%v exits with %d and says %q, %q", command, r.code, r.out, r.errs)
		}
	}
}
