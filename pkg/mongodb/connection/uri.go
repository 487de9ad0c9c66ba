package connection

import (
	"net/url"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// checkURI refuses what the driver cannot parse, and what it would parse wrongly because a special character of the
// password is not encoded. No part of the URI may get into the error; hence the driver's own error, which quotes it, is
// dropped.
func checkURI(uri string) error {
	if hint := uriProblem(uri); hint != "" {
		return &URIError{Hint: hint}
	}
	err := options.Client().ApplyURI(uri).Validate()
	if err != nil && !isDNS(err) { // a mongodb+srv name that does not resolve is tried again later
		if hint := fileProblem(uri); hint != "" {
			return &URIError{Hint: hint}
		}
		return &URIError{Hint: "a host, a port or an option in it is not valid, or a special character (: / ? # [ ] @ %) " +
			"of the user name or the password is not percent-encoded"}
	}
	return nil
}

func uriProblem(uri string) string {
	scheme, rest, found := strings.Cut(uri, "://")
	switch {
	case uri == "":
		return "it is empty"
	case strings.ContainsAny(uri, " \t\r\n"):
		return "it contains a blank or a line break"
	case !found || scheme != "mongodb" && scheme != "mongodb+srv":
		return "it does not begin with mongodb:// or mongodb+srv://"
	case rest == "":
		return "it names no host"
	}
	authority := rest[:endOfAuthority(rest)]
	if strings.Contains(rest[len(authority):], "@") {
		return "a special character (: / ? # [ ] @ %) of the user name or the password is not percent-encoded, / as %2F " +
			"for example"
	}
	return ""
}

func endOfAuthority(rest string) int {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return i
	}
	return len(rest)
}

// memberURI is a valid URI with one host in the place of its own.
func memberURI(uri, host string) string {
	_, rest, _ := strings.Cut(uri, "://")
	authority := rest[:endOfAuthority(rest)]
	user := authority[:strings.LastIndex(authority, "@")+1]
	path, query, _ := strings.Cut(rest[len(authority):], "?")
	var kept []string
	for option := range strings.SplitSeq(query, "&") {
		if option != "" && !strings.HasPrefix(strings.ToLower(option), "srv") { // which only mongodb+srv may have
			kept = append(kept, option)
		}
	}
	return "mongodb://" + user + host + "/" + strings.TrimPrefix(path, "/") + "?" + strings.Join(kept, "&")
}

// uriDatabase is the database that a valid URI names, or empty.
func uriDatabase(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	_, path, _ := strings.Cut(rest, "/")
	name, _, _ := strings.Cut(path, "?")
	decoded, err := url.PathUnescape(name)
	if err != nil {
		return name
	}
	return decoded
}
