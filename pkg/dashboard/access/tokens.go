package access

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
)

// The paths that Tokens serves itself.
const (
	LoginPath  = "/login"  // takes the form with the token
	LogoutPath = "/logout" // ends the session; POST only
	stylePath  = "/login/style.css"
)

// TokenOptions are how Tokens works.
type TokenOptions struct {
	// Cluster is the address and the CA of the API server. Credentials in it are never used.
	Cluster *rest.Config
	// SessionKey encrypts the cookies: MinKey random bytes or more, the same for all replicas. Empty: a new one for this
	// process.
	SessionKey []byte
	// Clock tells the age of sessions.
	Clock func() time.Time
	// Log gets who signed in. It never gets a token.
	Log *slog.Logger
}

// Tokens lets in whoever has a bearer token that the API server accepts. The token is asked for by a form and kept by
// the browser, in an encrypted cookie that ends with the browser's session; the server stores none. Every request acts
// with the visitor's token.
type Tokens struct {
	sealer  sealer
	reviews *reviews
	clock   func() time.Time
	log     *slog.Logger
}

// NewTokens checks the options.
func NewTokens(o TokenOptions) (*Tokens, error) {
	sealer, err := newSealer(o.SessionKey)
	if err != nil {
		return nil, err
	}
	return &Tokens{sealer: sealer, reviews: newReviews(o.Cluster, o.Clock), clock: o.Clock, log: o.Log}, nil
}

// Protect serves next to visitors who have signed in, and the form to all others.
func (t *Tokens) Protect(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+LoginPath, t.signIn)
	mux.HandleFunc("GET "+LoginPath, func(w http.ResponseWriter, _ *http.Request) { redirect(w, "/") })
	mux.HandleFunc("POST "+LogoutPath, t.signOut)
	mux.HandleFunc("GET "+stylePath, serveStyle)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { t.serve(w, r, next) })
	return protect(mux)
}

func (t *Tokens) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	text := readCookies(r)
	if text == "" {
		askForToken(w, r, "")
		return
	}
	s, err := t.sealer.open(text, t.clock())
	if err != nil {
		t.askAgain(w, r)
		return
	}
	visitor, verdict := t.reviews.visitor(r.Context(), s)
	switch verdict {
	case accepted:
		t.serveVisitor(w, r, next, s, visitor)
	case unknown:
		unreachable(w)
	default:
		t.askAgain(w, r)
	}
}

func (t *Tokens) serveVisitor(w http.ResponseWriter, r *http.Request, next http.Handler, s session, visitor Visitor) {
	ctx, end := context.WithCancel(With(r.Context(), visitor))
	defer end()
	go t.follow(ctx, s, end)
	header, answer := w.Header().Clone(), &expiry{ResponseWriter: w}
	next.ServeHTTP(answer, r.WithContext(ctx))
	if answer.expired {
		clear(w.Header())
		maps.Copy(w.Header(), header)
		t.reviews.forget(s)
		t.askAgain(w, r)
	}
}

// expiry keeps back an answer with 401: the API server has just refused the visitor's token, which an earlier review
// had accepted.
type expiry struct {
	http.ResponseWriter
	expired bool
}

// WriteHeader implements http.ResponseWriter.
func (e *expiry) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		e.expired = true
		return
	}
	e.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (e *expiry) Write(p []byte) (int, error) {
	if e.expired {
		return len(p), nil
	}
	return e.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (e *expiry) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// follow ends a request that lasts, such as a stream of events, when its session is over or its token is no longer
// accepted.
func (t *Tokens) follow(ctx context.Context, s session, end context.CancelFunc) {
	ticker := time.NewTicker(t.reviews.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, verdict := t.reviews.visitor(ctx, s); verdict == rejected || t.clock().Sub(s.since) > maxSession {
			end()
			return
		}
	}
}

// askAgain removes a cookie that is worth nothing, and asks for another token.
func (t *Tokens) askAgain(w http.ResponseWriter, r *http.Request) {
	expire(w, 0)
	askForToken(w, r, "Your session has ended, or your token has expired. Sign in again.")
}

func unreachable(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, "the API server does not answer: try again in a moment", http.StatusServiceUnavailable)
}
