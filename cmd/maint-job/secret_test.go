package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Seen to fail when the driver's own error, which quotes the part that it cannot parse, was passed on.
func TestNoPartOfAConnectionStringIsPrinted(t *testing.T) {
	uris := map[string]string{
		"a scheme that is not MongoDB's":      "mongo://alice:s3cr3t-wort@db:27017/ucorefs",
		"a slash in the password":             "mongodb://alice:s3cr3t/-wort@db:27017/ucorefs",
		"an at sign in the password":          "mongodb://alice:s3cr3t@-wort@db:27017/ucorefs",
		"a percent sign in the password":      "mongodb://alice:s3cr3t%-wort@db:27017/ucorefs",
		"a question mark in the password":     "mongodb://alice:s3cr3t?-wort@db:27017/ucorefs",
		"a number sign in the password":       "mongodb://alice:s3cr3t#-wort@db:27017/ucorefs",
		"a blank in the password":             "mongodb://alice:s3cr3t -wort@db:27017/ucorefs",
		"a quotation mark and a backslash":    `mongodb://alice:s3cr3t\"-wort@db:x/ucorefs`,
		"a port that is no number":            "mongodb://alice:s3cr3t-wort@db:port/ucorefs",
		"two ports":                           "mongodb://alice:s3cr3t-wort@db:27017:27018/ucorefs",
		"no host":                             "mongodb://alice:s3cr3t-wort@/ucorefs",
		"an option that does not exist there": "mongodb://alice:s3cr3t-wort@db/ucorefs?authMechanism=MAGIC",
		"an option with a wrong value":        "mongodb://alice:s3cr3t-wort@db/ucorefs?w=-3",
		"options that contradict each other":  "mongodb://alice:s3cr3t-wort@db,db2/ucorefs?directConnection=true",
		"a certificate that is not there":     "mongodb://alice:s3cr3t-wort@db/ucorefs?tlsCAFile=/nonexistent/s3cr3t",
		"a database name that cannot be":      "mongodb://alice:s3cr3t-wort@db/uc$refs",
		"a database name with s3cr3t dots":    "mongodb://db/s3cr3t.x",
	}
	ways := map[string]func(uri string) (map[string]string, []string){
		"in the environment": func(uri string) (map[string]string, []string) {
			return map[string]string{"MONGODB_URI": uri}, []string{"run", "verify-references"}
		},
		"as a flag": func(uri string) (map[string]string, []string) {
			return nil, []string{"run", "verify-references", "--mongodb-uri", uri}
		},
		"in a file": func(uri string) (map[string]string, []string) {
			file := filepath.Join(t.TempDir(), "uri")
			if err := os.WriteFile(file, []byte(uri+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return nil, []string{"run", "verify-references", "--mongodb-uri-file=" + file, "--output=json"}
		},
		"at restore": func(uri string) (map[string]string, []string) {
			return map[string]string{"MONGODB_URI": uri}, []string{"restore", "--run=x"}
		},
	}
	for what, uri := range uris {
		for way, call := range ways {
			t.Run(what+" "+way, func(t *testing.T) {
				env, args := call(uri)
				r := job(t, env, append(args, "--timeout=1ms")...)
				r.want(t, 78)
				r.hides(t, "alice", "s3cr3t", "wort", uri)
			})
		}
	}
}

// Seen to fail when a misplaced connection string was quoted like any other wrong argument.
func TestAConnectionStringInTheWrongPlaceIsNotPrinted(t *testing.T) {
	const uri = `mongodb+srv://alice:s3cr3t "wort@db/ucorefs`
	for name, args := range map[string][]string{
		"as the command":                {uri},
		"as the task":                   {"run", uri},
		"after the task":                {"run", "verify-references", uri},
		"as the database":               {"run", "verify-references", "--database=" + uri},
		"as the file's name":            {"run", "verify-references", "--mongodb-uri-file", uri},
		"as the value of a number":      {"run", "verify-references", "--max-deletes", uri},
		"as a word that must be chosen": {"run", "verify-references", "--log-level=" + uri},
		"with a misspelt flag":          {"run", "verify-references", "--mongodb-url=" + uri},
		"as the run to restore":         {"restore", "--run", uri},
		"where JSON is asked for":       {"run", uri, "--output=json"},
	} {
		t.Run(name, func(t *testing.T) {
			r := job(t, nil, args...)
			r.want(t, 64)
			r.hides(t, "alice", "s3cr3t", "wort", uri)
			if !strings.Contains(r.out+r.errs, "$MONGODB_URI") {
				t.Errorf("it does not say where the connection string belongs:\n%s%s", r.out, r.errs)
			}
			if slices.Contains(args, "--output=json") {
				r.result(t)
			}
		})
	}
}

// hides fails the test where one of the words stands in what was printed.
func (r ran) hides(t *testing.T, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(r.out+r.errs, word) {
			t.Errorf("%q was printed:\n%s%s", word, r.out, r.errs)
		}
	}
}
