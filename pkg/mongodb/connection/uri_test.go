package connection

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckURI(t *testing.T) {
	for name, c := range map[string]struct{ uri, hint string }{
		"a host":                        {"mongodb://db", ""},
		"a user, a port and a database": {"mongodb://alice:s3cr3t@db:27017/ucorefs", ""},
		"several hosts and options": {"mongodb://alice:s3cr3t@a:1,b:2/ucorefs?replicaSet=rs0&authSource=admin",
			""},
		"an encoded password":                  {"mongodb://alice:s3cr3t%2F%40%3A@db/ucorefs", ""},
		"an IPv6 address":                      {"mongodb://[::1]:27017/ucorefs", ""},
		"nothing":                              {"", "it is empty"},
		"no scheme":                            {"db:27017", "it does not begin with mongodb://"},
		"the scheme of something else":         {"postgres://alice:s3cr3t@db", "it does not begin with mongodb://"},
		"no host":                              {"mongodb://", "it names no host"},
		"a trailing blank":                     {"mongodb://db ", "a blank or a line break"},
		"a line break":                         {"mongodb://alice:s3cr3t\n@db", "a blank or a line break"},
		"a slash in the password":              {"mongodb://alice:s3/cr3t@db", "not percent-encoded"},
		"a question mark in the password":      {"mongodb://alice:s3?cr3t@db", "not percent-encoded"},
		"a colon in the password":              {"mongodb://alice:s3:cr3t@db", "not percent-encoded"},
		"an at sign in the password":           {"mongodb://alice:s3@cr3t@db", "not percent-encoded"},
		"a percent sign in the password":       {"mongodb://alice:s3%cr3t@db", "not percent-encoded"},
		"a port beyond all ports":              {"mongodb://alice:s3cr3t@db:99999", "a port"},
		"a host that the SRV form cannot have": {"mongodb+srv://alice:s3cr3t@db:27017", "a port"},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkURI(c.uri)
			var typed *URIError
			switch {
			case c.hint == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.hint != "" && (!errors.As(err, &typed) || !strings.Contains(typed.Hint, c.hint)):
				t.Errorf("got %v, want %q", err, c.hint)
			case err != nil && (strings.Contains(err.Error(), "cr3t") || strings.Contains(err.Error(), "alice")):
				t.Errorf("it quotes the connection string: %v", err)
			}
		})
	}
}

func TestTheDatabaseOfAURI(t *testing.T) {
	for name, c := range map[string]struct{ uri, option, want string }{
		"the option wins":             {"mongodb://db/a", "b", "b"},
		"the URI's own":               {"mongodb://db/a", "", "a"},
		"the URI's own, with options": {"mongodb://alice:x%2Fy@db/a?retryWrites=true", "", "a"},
		"encoded":                     {"mongodb://db/b%C3%BCcher", "", "bücher"},
		"none":                        {"mongodb://db", "", "ucorefs"},
		"none, with a slash":          {"mongodb://db/", "", "ucorefs"},
		"none, with options":          {"mongodb://db/?replicaSet=rs0", "", "ucorefs"},
		"one that cannot be":          {"mongodb://db/a.b", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := databaseName(Options{URI: c.uri, Name: c.option})
			if got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestTheURIOfOneMember(t *testing.T) {
	for name, c := range map[string]struct{ uri, member string }{
		"several hosts": {"mongodb://a:1,b:2", "mongodb://b:2/?"},
		"a user and options": {"mongodb://u:p%40@a:1,b:2/media?replicaSet=rs0&authSource=admin",
			"mongodb://u:p%40@b:2/media?replicaSet=rs0&authSource=admin"},
		"options without a path": {"mongodb://a?tls=true", "mongodb://b:2/?tls=true"},
		"a name of the DNS": {"mongodb+srv://u:p@cluster.example/media?srvMaxHosts=2&w=1&srvServiceName=m",
			"mongodb://u:p@b:2/media?w=1"},
	} {
		if got := memberURI(c.uri, "b:2"); got != c.member {
			t.Errorf("%s: %s, want %s", name, got, c.member)
		}
		if err := checkURI(c.member); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
