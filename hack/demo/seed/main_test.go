package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
)

// seedProgram runs the program as main does.
func seedProgram(t *testing.T, uri string, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	env := func(name string) string { return map[string]string{"MONGODB_URI": uri}[name] }
	code = run(t.Context(), args, env, &o, &e)
	return code, o.String(), e.String()
}

func TestSeedAndVerify(t *testing.T) {
	s, root := mongotest.New(t), t.TempDir()
	if code, _, errOut := seedProgram(t, s.URI, "verify", "--database="+s.Name); code != exitWrong ||
		!strings.Contains(errOut, "seed it first") {
		t.Errorf("verify of an empty database: exit %d, %s", code, errOut)
	}
	if code, out, errOut := seedProgram(t, s.URI, "seed", "--root="+root, "--wait=60s",
		"--database="+s.Name); code != exitOK {
		t.Fatalf("seed: exit %d\n%s%s", code, out, errOut)
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) != 3 {
		t.Errorf("the root holds %v, want three library roots (%v)", entries, err)
	}
	code, out, _ := seedProgram(t, s.URI, "verify", "--database="+s.Name)
	if code != exitWrong || !strings.Contains(out, "of 40 have the right counters") {
		t.Errorf("verify of the damaged library: exit %d\n%s", code, out)
	}
	if code, _, errOut := seedProgram(t, s.URI, "seed", "--database="+s.Name); code != exitWrong ||
		!strings.Contains(errOut, "--force") {
		t.Errorf("seeding a full database: exit %d, %s", code, errOut)
	}
}

func TestForceReplacesAnEarlierSeedingAndKeepsAllElse(t *testing.T) {
	s := mongotest.New(t)
	files := s.DB.Collection("file_records")
	if _, err := files.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "mine"}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if code, out, errOut := seedProgram(t, s.URI, "--force", "--database="+s.Name); code != exitOK {
			t.Fatalf("exit %d\n%s%s", code, out, errOut)
		}
	}
	if n, err := files.CountDocuments(t.Context(), bson.D{}); err != nil || n != 3001 {
		t.Errorf("%d file records (%v), want the demo's 3000 and mine", n, err)
	}
}

func TestACommandLineThatIsWrongIsExplained(t *testing.T) {
	for name, c := range map[string]struct {
		uri  string
		args []string
		want string
	}{
		"an unknown word":     {"mongodb://localhost/", []string{"fill"}, "use `seed` or `verify`"},
		"two words":           {"mongodb://localhost/", []string{"seed", "verify"}, "one word too many"},
		"no database":         {"", []string{"seed"}, "MONGODB_URI"},
		"a malformed address": {"localhost", []string{"seed"}, "mongodb://HOST:PORT/"},
	} {
		if code, _, errOut := seedProgram(t, c.uri, c.args...); code == exitOK || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: exit %d, %s", name, code, errOut)
		}
	}
}
