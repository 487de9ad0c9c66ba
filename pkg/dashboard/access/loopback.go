package access

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

// tokenParameter is where the address carries the one-time token.
const tokenParameter = "token"

// Loopback lets in the one person who started the dashboard on this machine: a token in the address works once and is
// exchanged for a cookie. It serves requests from this machine only, and only under its loopback names, so that no name
// of another site that resolves to 127.0.0.1 reaches it.
type Loopback struct {
	visitor Visitor
	cookie  string // its name: cookies do not tell ports apart, so each process has its own
	session string // the cookie's value

	mu    sync.Mutex
	token string // empty: used
}

// NewLoopback lets in one person, who acts as the user of the config. The name is that user's.
func NewLoopback(name string, config *rest.Config) *Loopback {
	id := rand.Text()
	return &Loopback{
		visitor: Visitor{Name: name, Config: config, Key: id},
		cookie:  "maintenance-dashboard-" + strings.ToLower(id[:8]),
		session: rand.Text(),
		token:   rand.Text(),
	}
}

// Path is the path and query that let one browser in, once. It is a secret until it is used.
func (l *Loopback) Path() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return "/?" + tokenParameter + "=" + l.token
}

// Protect serves next to the person who has opened Path.
func (l *Loopback) Protect(next http.Handler) http.Handler {
	return protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !fromLoopback(r.RemoteAddr) || !loopbackName(r.Host):
			http.Error(w, "the dashboard answers only on this machine, at the address that kubectl maint dashboard printed",
				http.StatusForbidden)
		case r.URL.Query().Has(tokenParameter):
			l.exchange(w, r)
		case !l.known(r):
			l.refuse(w)
		default:
			next.ServeHTTP(w, r.WithContext(With(r.Context(), l.visitor)))
		}
	}))
}

// exchange gives the cookie for the token and sends the browser to the same address without the token.
func (l *Loopback) exchange(w http.ResponseWriter, r *http.Request) {
	if !l.known(r) {
		if r.Method != http.MethodGet || !l.use(r.URL.Query().Get(tokenParameter)) {
			l.refuse(w)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: l.cookie, Value: l.session, Path: "/", HttpOnly: true,
			SameSite: http.SameSiteStrictMode})
	}
	redirect(w, localPath(withoutToken(r.URL)))
}

// use tells whether the token is the one, and makes it worthless.
func (l *Loopback) use(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token == "" || !same(token, l.token) {
		return false
	}
	l.token = ""
	return true
}

func (l *Loopback) known(r *http.Request) bool {
	cookie, err := r.Cookie(l.cookie)
	return err == nil && same(cookie.Value, l.session)
}

func (l *Loopback) refuse(w http.ResponseWriter) {
	http.Error(w, "the address works once, in one browser: run kubectl maint dashboard again for another",
		http.StatusUnauthorized)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func withoutToken(u *url.URL) string {
	query := u.Query()
	query.Del(tokenParameter)
	return (&url.URL{Path: u.Path, RawQuery: query.Encode()}).String()
}

func fromLoopback(remote string) bool {
	address, err := netip.ParseAddrPort(remote)
	return err == nil && address.Addr().Unmap().IsLoopback()
}

// loopbackName tells whether a Host header names this machine by a name that no other site can have.
func loopbackName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return name == "localhost" || name == "127.0.0.1" || name == "::1"
}
