package access

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 26, 20, 0, 0, 0, time.UTC)

func sealerOf(t *testing.T, key string) sealer {
	t.Helper()
	s, err := newSealer([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The largest token comes back whole through as many cookies as it takes, and a browser can keep each.
func TestASessionSurvivesItsCookies(t *testing.T) {
	s := sealerOf(t, "")
	for _, size := range []int{1, 900, 4096, MaxToken} {
		want := newSession(strings.Repeat("x", size), start)
		w := httptest.NewRecorder()
		setCookies(w, s.seal(want))
		r := httptest.NewRequest("GET", "/", nil)
		for _, c := range w.Result().Cookies() {
			if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" ||
				!strings.HasPrefix(c.Name, "__Host-") {
				t.Errorf("the cookie is %+v", c)
			}
			if len(c.String()) > 4096 {
				t.Errorf("a cookie has %d bytes", len(c.String()))
			}
			if c.MaxAge >= 0 {
				r.AddCookie(c)
			}
		}
		if got, err := s.open(readCookies(r), start); err != nil || got.token != want.token || got.id != want.id {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// Seen to fail for a session that is encoded only, and for one that has no end.
func TestAChangedSessionIsRefused(t *testing.T) {
	s := sealerOf(t, strings.Repeat("k", MinKey))
	text := s.seal(newSession("a-token", start))
	for i := range text {
		changed := text[:i] + string('A'+(text[i]-'A'+1)%26) + text[i+1:]
		if _, err := s.open(changed, start); err == nil && changed != text {
			t.Fatalf("byte %d may be changed", i)
		}
		if _, err := s.open(text[:i], start); err == nil {
			t.Fatalf("it may be cut after %d bytes", i)
		}
	}
	if _, err := sealerOf(t, strings.Repeat("l", MinKey)).open(text, start); err == nil {
		t.Error("another key opens it")
	}
	if _, err := sealerOf(t, strings.Repeat("k", MinKey)).open(text, start); err != nil {
		t.Error("a replica with the same key cannot open it")
	}
	if _, err := s.open(text, start.Add(maxSession+time.Second)); err == nil {
		t.Error("it lasts for ever")
	}
	if _, err := newSealer([]byte("short")); err == nil {
		t.Error("a short key is taken")
	}
}
