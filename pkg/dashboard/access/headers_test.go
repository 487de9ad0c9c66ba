package access

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Seen to fail without the check of the cookie.
func TestNobodyGetsInUnknown(t *testing.T) {
	for name, way := range ways(t) {
		if got := answer(way.handler, way.in()); got.StatusCode != http.StatusOK || body(t, got) != "the page of anna" {
			t.Errorf("%s: a visitor is not let in: %s", name, got.Status)
		}
		if got := answer(way.handler, way.stays()); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: somebody unknown gets %s", name, got.Status)
		}
	}
}

// missingHeaders are the security headers that an answer lacks, and what is wrong with its policy.
func missingHeaders(got http.Header) (missing []string) {
	for header, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		"Cache-Control":              "no-store",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy": "same-origin"} {
		if got.Get(header) != want {
			missing = append(missing, header)
		}
	}
	csp := got.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'",
		"form-action 'self'"} {
		if !strings.Contains(csp, want) {
			missing = append(missing, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		missing = append(missing, "a policy without unsafe")
	}
	return missing
}

// Nothing may run or frame the page but the page itself, whatever the answer is. Seen to fail without frame-ancestors.
func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	for name, way := range ways(t) {
		forged := way.in()
		forged.Method = http.MethodPost
		forged.Header.Set("Sec-Fetch-Site", "cross-site")
		for what, r := range map[string]*http.Request{"the page": way.in(), "a refusal": way.stays(),
			"a forged request": forged} {
			if missing := missingHeaders(answer(way.handler, r).Header); len(missing) > 0 {
				t.Errorf("%s, %s: the answer lacks %q", name, what, missing)
			}
		}
	}
}

// A form on another site, sent by the browser of somebody who is signed in, changes nothing. Seen to fail without
// http.CrossOriginProtection.
func TestAForgedRequestIsRefused(t *testing.T) {
	tests := map[string]struct {
		headers map[string]string
		want    int
	}{
		"by a modern browser, from another site": {map[string]string{"Sec-Fetch-Site": "cross-site",
			"Origin": "https://evil.example"}, http.StatusForbidden},
		"by a modern browser, from a sibling site": {map[string]string{"Sec-Fetch-Site": "same-site",
			"Origin": "https://evil.example.com"}, http.StatusForbidden},
		"by an old browser":              {map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		"from a frame without an origin": {map[string]string{"Origin": "null"}, http.StatusForbidden},
		"from the page itself":           {map[string]string{"Sec-Fetch-Site": "same-origin"}, http.StatusOK},
	}
	for name, test := range tests {
		for way, w := range ways(t) {
			r := w.in()
			r.Method = http.MethodPost
			for header, value := range test.headers {
				r.Header.Set(header, value)
			}
			if got := answer(w.handler, r); got.StatusCode != test.want {
				t.Errorf("%s, %s: %s", name, way, got.Status)
			}
		}
	}
}

// Seen to fail without a limit.
func TestALargeBodyIsNotRead(t *testing.T) {
	var err error
	reads := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, err = io.ReadAll(r.Body) })
	for size, want := range map[int]bool{MaxBody: true, MaxBody + 1: false} {
		answer(protect(reads), request("POST", "/", strings.Repeat("x", size)))
		if (err == nil) != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
