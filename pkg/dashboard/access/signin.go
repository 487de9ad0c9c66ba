package access

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed signin.html style.css
var assets embed.FS

var signInPage = template.Must(template.ParseFS(assets, "signin.html"))

const (
	tokenField = "token"
	nextField  = "next"
	maxForm    = 64 << 10
)

// form is what signin.html shows.
type form struct{ Login, Style, Next, Problem string }

// askForToken answers 401: with the form, if the browser asks for a page, which leads back to where the visitor was.
func askForToken(w http.ResponseWriter, r *http.Request, problem string) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, "sign in first", http.StatusUnauthorized)
		return
	}
	showForm(w, form{Next: place(r), Problem: problem})
}

func showForm(w http.ResponseWriter, f form) {
	f.Login, f.Style = LoginPath, stylePath
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusUnauthorized)
	_ = signInPage.Execute(w, f) // the browser went away
}

// place is where the visitor was: the address itself, or for a form the page that held it.
func place(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return localPath(r.URL.RequestURI())
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return "/"
	}
	return localPath(from.RequestURI())
}

func (t *Tokens) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.ParseForm() != nil {
		showForm(w, form{Problem: "The form could not be read. Tokens of up to 12 KiB are accepted."})
		return
	}
	token, next := strings.TrimSpace(r.PostFormValue(tokenField)), localPath(r.PostFormValue(nextField))
	if problem := unusable(r, token); problem != "" {
		showForm(w, form{Next: next, Problem: problem})
		return
	}
	s := newSession(token, t.clock())
	visitor, verdict := t.reviews.visitor(r.Context(), s)
	switch verdict {
	case accepted:
		t.log.Info("signed in", "user", visitor.Name)
		setCookies(w, t.sealer.seal(s))
		redirect(w, next)
	case unknown:
		t.log.Warn("sign-in failed: the API server does not answer")
		unreachable(w)
	default:
		t.log.Info("sign-in refused: the API server does not accept the token")
		showForm(w, form{Next: next,
			Problem: "The API server does not accept this token. It may have expired, or be for another cluster or audience."})
	}
}

// unusable says what is wrong with a token before anybody is asked.
func unusable(r *http.Request, token string) string {
	switch {
	case plainHTTP(r.Header.Get("Origin")):
		return "This page was opened over plain HTTP, where others can read your token. Open its https address, and revoke " +
			"the token if you can."
	case token == "":
		return "Paste your token first."
	case len(token) > MaxToken:
		return "The token is too long. Tokens of up to 12 KiB are accepted."
	case !printable(token):
		return "The token holds spaces or other characters that no token has. Copy it again."
	}
	return ""
}

// plainHTTP tells whether the browser shows an http address that is not on its own machine.
func plainHTTP(origin string) bool {
	host, plain := strings.CutPrefix(origin, "http://")
	return plain && !loopbackName(host)
}

// signOut removes the cookies. The token itself stays valid until it expires: nobody but the API server can end it.
func (t *Tokens) signOut(w http.ResponseWriter, r *http.Request) {
	if s, err := t.sealer.open(readCookies(r), t.clock()); err == nil {
		t.reviews.end(s)
	}
	expire(w, 0)
	redirect(w, "/")
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, assets, "style.css")
}
