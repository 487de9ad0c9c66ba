package access

import (
	"fmt"
	"net/http"
	"strings"
)

// cookieName is followed by a number: browsers keep 4 KiB in a cookie, and a token may be larger. The prefix makes
// browsers refuse the cookie from any other host, from a parent domain and without TLS.
const cookieName = "__Host-maintenance-"

const (
	cookieSize = 3800
	maxCookies = 6
)

// MaxToken is the longest token that a visitor may sign in with, in bytes. A proxy in front has to pass a Cookie header
// of a third more.
const MaxToken = 12 << 10

func cookie(n int, value string) *http.Cookie {
	return &http.Cookie{Name: fmt.Sprint(cookieName, n), Value: value, Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteStrictMode}
}

// setCookies keeps the text in as many cookies as it takes. They end with the browser's session.
func setCookies(w http.ResponseWriter, text string) {
	n := 0
	for ; len(text) > 0; n++ {
		part := text[:min(cookieSize, len(text))]
		text = text[len(part):]
		http.SetCookie(w, cookie(n, part))
	}
	expire(w, n)
}

// expire removes the cookies from the n-th on, which an earlier session may have left.
func expire(w http.ResponseWriter, n int) {
	for ; n < maxCookies; n++ {
		gone := cookie(n, "")
		gone.MaxAge = -1
		http.SetCookie(w, gone)
	}
}

// readCookies is the text that setCookies kept; empty if there is none.
func readCookies(r *http.Request) string {
	var text strings.Builder
	for n := range maxCookies {
		part, err := r.Cookie(fmt.Sprint(cookieName, n))
		if err != nil {
			break
		}
		text.WriteString(part.Value)
	}
	return text.String()
}
