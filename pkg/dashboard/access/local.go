package access

import (
	"net/http"
	"net/url"
	"strings"
)

// localPath is the address if it is a path of this site, and "/" if it could lead anywhere else. A browser reads
// "//host" and "/\host" as another site, and leaves out tabs and line ends before it reads.
func localPath(address string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.Contains(address, `\`) ||
		!printable(address) {
		return "/"
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || parsed.User != nil || strings.HasPrefix(parsed.Path,
		"//") {
		return "/"
	}
	return address
}

// printable tells whether the text is visible ASCII only.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// redirect sends the browser to a path that localPath has passed.
func redirect(w http.ResponseWriter, path string) {
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
}
