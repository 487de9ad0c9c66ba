package access

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// signIn is the answer to the form with the token.
func signIn(handler http.Handler, token, next string) *http.Response {
	return answer(handler, request("POST", LoginPath, url.Values{tokenField: {token}, nextField: {next}}.Encode()))
}

// kept are the cookies that a browser keeps of an answer.
func kept(r *http.Response) (cookies []*http.Cookie) {
	for _, c := range r.Cookies() {
		if c.MaxAge >= 0 {
			cookies = append(cookies, c)
		}
	}
	return cookies
}

// The page acts with the visitor's rights, though the configuration that it was given is an administrator's. Seen to
// fail with the credentials of that configuration left in.
func TestAVisitorActsWithTheirOwnToken(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, nil)
	account(t, cluster, namespace, "viewer")
	cluster.ServiceAccount(t, namespace, "nobody")
	handler := newTokens(t, cluster.Admin, &bytes.Buffer{}, "").Protect(reader(namespace))
	for name, want := range map[string]string{"viewer": "schedules:yes secrets:no", "nobody": "schedules:no secrets:no"} {
		in := signIn(handler, tokenOf(t, cluster, namespace, name), "/x?y=z")
		if in.StatusCode != http.StatusSeeOther || in.Header.Get("Location") != "/x?y=z" {
			t.Fatalf("%s: %s, to %q: %s", name, in.Status, in.Header.Get("Location"), body(t, in))
		}
		want = "system:serviceaccount:" + namespace + ":" + name + " " + want
		if got := body(t, answer(handler, request("GET", "/", "", kept(in)...))); got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
}

// What no API server accepts lets nobody in, and is neither kept nor written anywhere. Seen to fail where the answer of
// the API server is not looked at.
func TestATokenThatIsNotForThisClusterIsRefused(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, nil)
	account(t, cluster, namespace, "viewer")
	valid := tokenOf(t, cluster, namespace, "viewer")
	var log bytes.Buffer
	handler := newTokens(t, cluster.Admin, &log, "").Protect(reader(namespace))
	for name, token := range map[string]string{
		"another audience":       tokenOf(t, cluster, namespace, "viewer", "https://another-server.example"),
		"another signature":      valid[:len(valid)-8] + "AAAAAAAA",
		"not a token":            "letmein-letmein-letmein",
		"none":                   "",
		"a header in it":         "x\r\nImpersonate-User: admin",
		"more than is ever kept": strings.Repeat("x", MaxToken+1),
	} {
		got := signIn(handler, token, "/place")
		text := body(t, got)
		if got.StatusCode != http.StatusUnauthorized || len(kept(got)) > 0 || !strings.Contains(text, `value="/place"`) ||
			!strings.Contains(text, `role="alert"`) {
			t.Errorf("%s: %s, %d cookies:\n%s", name, got.Status, len(kept(got)), text)
		}
		if token != "" && (strings.Contains(text, token) || strings.Contains(log.String(), token)) {
			t.Errorf("%s: the token is in the answer or the log", name)
		}
	}
}

func TestTheTokenIsNowhere(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, nil)
	account(t, cluster, namespace, "viewer")
	token := tokenOf(t, cluster, namespace, "viewer")
	var log bytes.Buffer
	tokens := newTokens(t, cluster.Admin, &log, "")
	handler := tokens.Protect(reader(namespace))
	in := signIn(handler, token, "/")
	page := answer(handler, request("GET", "/", "", kept(in)...))
	tokens.reviews.cluster.Host = nowhere.Host
	away := signIn(handler, token, "/")
	out := answer(handler, request("POST", LogoutPath, "", kept(in)...))
	if away.StatusCode != http.StatusServiceUnavailable || !strings.Contains(log.String(), "signed in") {
		t.Fatalf("%s; %s", away.Status, &log)
	}
	for name, said := range map[string]string{"the log": log.String(), "signing in": everything(t, in),
		"the page":  everything(t, page),
		"a failure": everything(t, away), "signing out": everything(t, out)} {
		if parts := tokenParts(said, token); len(parts) > 0 {
			t.Errorf("%s holds %d parts of the token", name, len(parts))
		}
	}
}

// tokenParts are those parts of a token that a text holds.
func tokenParts(said, token string) (parts []string) {
	for _, part := range strings.Split(token, ".") {
		if strings.Contains(said, part) {
			parts = append(parts, part)
		}
	}
	return parts
}

// A token that the API server refuses between two reviews leads to the form at once, which leads back.
func TestAnExpiredTokenLeadsToTheFormFromThePageItself(t *testing.T) {
	refused := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, "what the page says")
	})
	tokens := newTokens(t, nowhere, &bytes.Buffer{}, "")
	s := newSession("a-token", time.Now())
	tokens.reviews.remember(s, Visitor{Name: "anna", Config: nowhere, Key: s.id})
	cookie := &http.Cookie{Name: cookieName + "0", Value: tokens.sealer.seal(s)}
	got := answer(tokens.Protect(refused), request("GET", "/namespaces/a/schedules/b", "", cookie))
	text := body(t, got)
	if got.StatusCode != http.StatusUnauthorized || got.Header.Get("Content-Encoding") != "" ||
		strings.Contains(text, "what the page says") ||
		!strings.Contains(text, `name="next" value="/namespaces/a/schedules/b"`) ||
		!strings.Contains(text, "your token has expired") {
		t.Errorf("%s, %v:\n%s", got.Status, got.Header, text)
	}
	if missing := missingHeaders(got.Header); len(missing) > 0 {
		t.Errorf("the answer lacks %q", missing)
	}
	if _, found := tokens.reviews.remembered(s); found || len(kept(got)) > 0 {
		t.Error("the session is still remembered")
	}
}

func everything(t *testing.T, r *http.Response) string {
	t.Helper()
	return r.Status + fmt.Sprint(r.Header) + body(t, r)
}

// Whoever comes back without a session, or with one that has ended, is asked for a token and then led to where they
// were.
func TestThePlaceIsKept(t *testing.T) {
	handler := newTokens(t, nowhere, &bytes.Buffer{}, "").Protect(page)
	ended := &http.Cookie{Name: cookieName + "0", Value: "x"}
	get := request("GET", "/namespaces/a/schedules/b?tab=runs", "", ended)
	post := request("POST", "/namespaces/a/schedules/b/run", "", ended)
	post.Header.Set("Referer", "http://example.com/namespaces/a/schedules/b?tab=runs")
	foreign := request("POST", "/x", "", ended)
	foreign.Header.Set("Referer", "https://evil.example/namespaces")
	for name, test := range map[string]struct {
		r    *http.Request
		next string
	}{
		"a page":                    {get, "/namespaces/a/schedules/b?tab=runs"},
		"a form":                    {post, "/namespaces/a/schedules/b?tab=runs"},
		"a form of another site":    {foreign, "/"},
		"a path to another site":    {request("GET", "http://example.com//evil.example", "", ended), ""},
		"a path with HTML as query": {request("GET", "/?q=%22%3E%3Cscript%3E", "", ended), "/?q=%22%3E%3Cscript%3E"},
	} {
		got := answer(handler, test.r)
		if test.next == "" {
			if to := got.Header.Get("Location"); strings.HasPrefix(to, "//") {
				t.Errorf("%s: %s", name, to)
			}
			continue
		}
		text := body(t, got)
		shown := regexp.MustCompile(`name="next" value="([^"]*)"`).FindStringSubmatch(text)
		if got.StatusCode != http.StatusUnauthorized || len(shown) == 0 || shown[1] != test.next || len(kept(got)) > 0 ||
			len(got.Cookies()) == 0 {
			t.Errorf("%s: %s, %q", name, got.Status, shown)
		}
	}
	script := request("GET", "/events", "")
	script.Header.Set("Accept", "text/event-stream")
	if got := answer(handler, script); got.StatusCode != http.StatusUnauthorized || strings.Contains(body(t, got), "<") {
		t.Errorf("a stream of events: %s", got.Status)
	}
}

// Seen to fail for the path as the form sent it.
func TestSigningInLeadsNowhereElse(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, nil)
	account(t, cluster, namespace, "viewer")
	handler := newTokens(t, cluster.Admin, &bytes.Buffer{}, "").Protect(page)
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/\t/evil.example"} {
		if got := signIn(handler, tokenOf(t, cluster, namespace, "viewer"), next); got.Header.Get("Location") != "/" {
			t.Errorf("%q leads to %q", next, got.Header.Get("Location"))
		}
	}
}

func TestATokenIsNotTakenOverPlainHTTP(t *testing.T) {
	handler := newTokens(t, nowhere, &bytes.Buffer{}, "").Protect(page)
	r := request("POST", LoginPath, "token=x")
	r.Header.Set("Origin", "http://example.com")
	if got := answer(handler, r); got.StatusCode != http.StatusUnauthorized || !strings.Contains(body(t, got),
		"plain HTTP") {
		t.Errorf("%s", got.Status)
	}
}

func TestAFormThatIsTooLargeSaysSo(t *testing.T) {
	handler := newTokens(t, nowhere, &bytes.Buffer{}, "").Protect(page)
	got := answer(handler, request("POST", LoginPath, "token="+strings.Repeat("x", maxForm)))
	if text := body(t, got); got.StatusCode != http.StatusUnauthorized || !strings.Contains(text, "up to 12 KiB") {
		t.Errorf("%s: %s", got.Status, text)
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	tokens := newTokens(t, nowhere, &bytes.Buffer{}, "")
	s := newSession("a-token", time.Now())
	tokens.reviews.remember(s, Visitor{Name: "anna", Config: nowhere, Key: s.id})
	cookie := &http.Cookie{Name: cookieName + "0", Value: tokens.sealer.seal(s)}
	handler := tokens.Protect(page)
	if got := answer(handler, request("GET", LogoutPath, "", cookie)); body(t, got) != "the page of anna" {
		t.Errorf("a link signs out: %s", got.Status)
	}
	out := answer(handler, request("POST", LogoutPath, "", cookie))
	if out.StatusCode != http.StatusSeeOther || len(kept(out)) > 0 || len(out.Cookies()) != maxCookies {
		t.Errorf("%s, %d cookies stay", out.Status, len(kept(out)))
	}
	if _, found := tokens.reviews.remembered(s); found {
		t.Error("the server remembers the session")
	}
	tokens.reviews.every = time.Hour
	tokens.reviews.remember(s, Visitor{Name: "anna", Config: nowhere, Key: s.id}) // as a request does that was under way
	if got := answer(handler, request("GET", "/", "", cookie)); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a copy of the cookie still works: %s", got.Status) // seen to fail
	}
}

// Cookies of a session, changed by their owner, of another installation, or of yesterday.
func TestAForgedCookieIsRefused(t *testing.T) {
	tokens, other := newTokens(t, nowhere, &bytes.Buffer{}, ""), newTokens(t, nowhere, &bytes.Buffer{}, "")
	s := newSession("a-token", time.Now())
	old := newSession("a-token", time.Now().Add(-maxSession-time.Minute))
	for _, of := range []session{s, old} {
		tokens.reviews.remember(of, Visitor{Name: "anna", Config: nowhere, Key: of.id})
	}
	good := tokens.sealer.seal(s)
	for name, test := range map[string]struct {
		cookie string
		want   int
	}{
		"as it was given":         {good, http.StatusOK},
		"changed":                 {good[:50] + "xxxx" + good[54:], http.StatusUnauthorized},
		"of another installation": {other.sealer.seal(s), http.StatusUnauthorized},
		"of yesterday":            {tokens.sealer.seal(old), http.StatusUnauthorized},
		"the token itself":        {s.token, http.StatusUnauthorized},
	} {
		if got := answer(tokens.Protect(page), request("GET", "/", "", &http.Cookie{Name: cookieName + "0",
			Value: test.cookie})); got.StatusCode != test.want {
			t.Errorf("%s: %s", name, got.Status)
		}
	}
}

// Whoever loses their token loses the stream that is open, too; a server that does not answer for a while ends nothing.
func TestAStreamEndsWithItsToken(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, nil)
	account(t, cluster, namespace, "viewer")
	tokens := newTokens(t, cluster.Admin, &bytes.Buffer{}, "")
	tokens.reviews.every = 20 * time.Millisecond
	open := make(chan struct{})
	stream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(open)
		<-r.Context().Done()
	})
	in := signIn(tokens.Protect(stream), tokenOf(t, cluster, namespace, "viewer"), "/")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		answer(tokens.Protect(stream), request("GET", "/events", "", kept(in)...).WithContext(ctx))
	}()
	<-open
	gone := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "viewer"}}
	if err := cluster.Client.Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	<-ended
	if ctx.Err() != nil {
		t.Fatal("the stream outlives the token")
	}
	if got := answer(tokens.Protect(page),
		request("GET", "/", "", kept(in)...)); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("afterwards: %s", got.Status)
	}
}

func TestAServerThatDoesNotAnswerEndsNoSession(t *testing.T) {
	reviews := newReviews(nowhere, time.Now)
	reviews.every = 0
	seen, unseen := newSession("a-token", time.Now()), newSession("a-token", time.Now())
	reviews.remember(seen, Visitor{Name: "anna", Config: nowhere, Key: seen.id})
	if got, verdict := reviews.visitor(t.Context(), seen); verdict != accepted || got.Name != "anna" {
		t.Errorf("seen before: %v", verdict)
	}
	if _, verdict := reviews.visitor(t.Context(), unseen); verdict != unknown {
		t.Errorf("not seen before: %v", verdict)
	}
}
