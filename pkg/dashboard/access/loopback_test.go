package access

import (
	"net/http"
	"strings"
	"testing"
)

// local is a request of a browser on this machine.
func local(path string, cookies ...*http.Cookie) *http.Request {
	r := request("GET", path, "", cookies...)
	r.Host, r.RemoteAddr = "127.0.0.1:8000", "127.0.0.1:50000"
	return r
}

// Seen to fail for a token that stays valid, and without the check of the cookie.
func TestTheTokenInTheAddressWorksOnce(t *testing.T) {
	loopback := NewLoopback("anna", nowhere)
	handler, path := loopback.Protect(page), loopback.Path()
	if got := answer(handler, local("/?token=wrong")); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong token: %s", got.Status)
	}
	posted := local(path)
	posted.Method = http.MethodPost
	if got := answer(handler, posted); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a posted token: %s", got.Status)
	}
	got := answer(handler, local("/schedules?a=b&"+strings.TrimPrefix(path, "/?")))
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/schedules?a=b" || len(got.Cookies()) != 1 {
		t.Fatalf("the token: %s, to %q, %d cookies", got.Status, got.Header.Get("Location"), len(got.Cookies()))
	}
	cookie := got.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.MaxAge != 0 || !cookie.Expires.IsZero() ||
		strings.Contains(path, cookie.Value) {
		t.Errorf("the cookie is %+v", cookie)
	}
	if again := answer(handler, local(path)); again.StatusCode != http.StatusUnauthorized {
		t.Errorf("the token once more, in another browser: %s", again.Status)
	}
	if again := answer(handler, local(path, cookie)); again.StatusCode != http.StatusSeeOther {
		t.Errorf("the token once more, in the same browser: %s", again.Status)
	}
	if empty := answer(handler, local("/?token=")); empty.StatusCode != http.StatusUnauthorized {
		t.Errorf("no token, after it was used: %s", empty.Status)
	}
	if inside := answer(handler, local("/", cookie)); body(t, inside) != "the page of anna" {
		t.Errorf("with the cookie: %s", inside.Status)
	}
	cookie.Value = cookie.Value[1:] + "A"
	if forged := answer(handler, local("/", cookie)); forged.StatusCode != http.StatusUnauthorized {
		t.Errorf("with another cookie: %s", forged.Status)
	}
}

// A name of another site that resolves to 127.0.0.1 would give that site's scripts the page (DNS rebinding). Seen to
// fail without the check of the Host header.
func TestOnlyThisMachineIsServed(t *testing.T) {
	tests := map[string]struct {
		host, remote string
		want         int
	}{
		"by address":                {"127.0.0.1:8000", "127.0.0.1:9", http.StatusOK},
		"by name":                   {"localhost:8000", "127.0.0.1:9", http.StatusOK},
		"by the newer address":      {"[::1]:8000", "[::1]:9", http.StatusOK},
		"without a port":            {"localhost", "127.0.0.1:9", http.StatusOK},
		"another site's name":       {"evil.example:8000", "127.0.0.1:9", http.StatusForbidden},
		"a name that looks like it": {"localhost.evil.example", "127.0.0.1:9", http.StatusForbidden},
		"an address that begins so": {"127.0.0.1.evil.example:8000", "127.0.0.1:9", http.StatusForbidden},
		"no name":                   {"", "127.0.0.1:9", http.StatusForbidden},
		"from another machine":      {"127.0.0.1:8000", "192.0.2.7:9", http.StatusForbidden},
	}
	loopback := NewLoopback("anna", nowhere)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := local("/", &http.Cookie{Name: loopback.cookie, Value: loopback.session})
			r.Host, r.RemoteAddr = test.host, test.remote
			if got := answer(loopback.Protect(page), r); got.StatusCode != test.want {
				t.Errorf("%s", got.Status)
			}
		})
	}
	r := local(loopback.Path())
	r.Host = "evil.example:8000"
	if got := answer(loopback.Protect(page), r); got.StatusCode != http.StatusForbidden || len(got.Cookies()) > 0 {
		t.Errorf("the token under another site's name: %s", got.Status)
	}
}
