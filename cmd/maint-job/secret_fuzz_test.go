package main

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fuzzedURIs is how many connection strings are made up.
const fuzzedURIs = 5000

// Whatever a connection string looks like and whichever way it fails, no part of what is secret in it is printed,
// logged or left in the termination log. No host but the loopback address is named, and no name that would have to be
// looked up. Seen to fail when the driver's own error was passed on.
func TestNoSecretOfAnyConnectionStringIsPrinted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	termination := filepath.Join(t.TempDir(), "termination-log")
	failed := 0
	for i := range fuzzedURIs {
		uri := oneURI(random)
		if err := os.WriteFile(termination, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r := job(t, map[string]string{"MONGODB_URI": uri}, append(oneCommand(random), "--timeout=1ms")...)
		if strings.HasPrefix(uri, "mongodb") && r.code != 0 {
			failed++
		}
		if i%2 == 0 { // each way of printing, and the file that Kubernetes reads
			r = job(t, map[string]string{"MONGODB_URI": uri}, "run", "verify-references", "--timeout=1ms", "--termination-log="+
				termination, "--log-level=debug")
			left, err := os.ReadFile(termination)
			if err != nil {
				t.Fatal(err)
			}
			r.out += string(left)
		}
		r.hides(t, "alice", "s3cr3t", "wort", uri)
		if t.Failed() {
			t.Fatalf("it was %s", uri)
		}
	}
	if failed < fuzzedURIs/2 {
		t.Errorf("only %d of them failed", failed)
	}
}

func oneCommand(random *rand.Rand) []string {
	return pick(random, [][]string{
		{"run", "verify-references"},
		{"run", "rebuild-all-counts", "--output=json", "--log-format=json"},
		{"run", "cleanup-old-records", "--log-level=debug", "--dry-run"},
		{"restore", "--run=x"},
	})
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// oneURI is a connection string, good or bad, whose user name and secrets are known.
func oneURI(random *rand.Rand) string {
	odd := pick(random, []string{"", "", "/", "@", ":", "%", "%2", "%zz", "?", "#", "[", "]", " ", "\t", `"`, `\`, "é",
		"\x00", "\x7f", "%2F", "%40", "&", "=", ",", "$"})
	secret := "s3cr3t" + odd + "wort"
	if random.IntN(3) == 0 {
		secret = url.QueryEscape(secret)
	}
	scheme := pick(random, []string{"mongodb://", "mongodb://", "mongodb://", "mongodb+srv://", "mongo://", "mongodb:",
		"MONGODB://", ""})
	host := pick(random, []string{"127.0.0.1:1", "127.0.0.1:1,127.0.0.1:2", "127.0.0.1", "127.0.0.1:port",
		"127.0.0.1:99999", "127.0.0.1:1:2", "[::1]:1", "[::1", "", ":", "%2Ftmp%2Fnone.sock", ","})
	if scheme == "mongodb+srv://" {
		host = pick(random, []string{"127.0.0.1:1", "a,b", "localhost", ""}) // which fail before a name is looked up
	}
	path := pick(random, []string{"", "/", "/ucorefs", "/uc$refs", "/s3cr3t.wort", "/a b"})
	return scheme + "alice:" + secret + "@" + host + path + oneQuery(random, secret)
}

func oneQuery(random *rand.Rand, secret string) string {
	options := []string{
		"authSource=admin", "authMechanism=SCRAM-SHA-256", "authMechanism=MONGODB-X509", "authMechanism=PLAIN",
		"authMechanism=MONGODB-AWS",
		"authMechanism=MONGODB-OIDC", "authMechanism=GSSAPI", "authMechanism=MAGIC", "directConnection=true",
		"directConnection=maybe", "w=-3", "tls=true", "ssl=false",
		"authMechanismProperties=AWS_SESSION_TOKEN:" + secret, "authMechanismProperties=ENVIRONMENT:test,TOKEN_RESOURCE:" +
			secret,
		"authMechanismProperties=" + secret, "authMechanismProperties=SERVICE_NAME:" + secret + ",CANONICALIZE_HOST_NAME:x",
		"tlsCertificateKeyFilePassword=" + secret, "tlsCertificateKeyFile=/nonexistent/" + secret, "tlsCAFile=/nonexistent/" +
			secret,
		"readPreferenceTags=" + secret, "replicaSet=" + secret, "compressors=" + secret, "timeoutMS=" + secret,
		"proxyPassword=" + secret, secret + "=1", "appName=" + secret,
	}
	var query []string
	for range random.IntN(4) {
		query = append(query, pick(random, options))
	}
	if len(query) == 0 {
		return ""
	}
	return fmt.Sprintf("?%s", strings.Join(query, "&"))
}
