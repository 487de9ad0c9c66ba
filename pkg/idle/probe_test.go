package idle

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T, handler http.HandlerFunc) (address string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// expect asks a source once. Says is a part of why the library counts as in use; empty: it is idle.
func expect(t *testing.T, source Source, broken bool, says string) {
	t.Helper()
	got, err := source(t.Context(), time.Now())
	if err != nil || !got.Known || got.Broken != broken || (got.Busy == "") != (says == "") || !strings.Contains(got.Busy,
		says) {
		t.Errorf("got %+v, %v; want broken %v and %q", got, err, broken, says)
	}
}

func TestHTTP(t *testing.T) {
	for status, c := range map[int]struct {
		broken bool
		says   string
	}{
		200: {false, ""}, 204: {false, ""},
		423: {false, "answered 423, which means busy"}, 429: {false, "429"}, 503: {false, "503"},
		201: {true, "answered 201: let it answer 200 or 204"}, 301: {true, "301"}, 401: {true, "401"}, 404: {true, "404"},
		500: {true, "500"}, 502: {true, "502"},
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.RequestURI() != "/idle?token=s3cr3t" {
					t.Errorf("%s %s", r.Method, r.URL.RequestURI())
				}
				w.WriteHeader(status)
			})
			expect(t, HTTP(address+"/idle?token=s3cr3t"), c.broken, c.says)
		})
	}
}

// Seen to fail when redirects were followed to wherever they lead: the answer of a page for signing in, 200, opened the
// gate.
func TestOnlyTheHostThatWasNamedAnswersForTheLibrary(t *testing.T) {
	elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/idle", http.StatusFound)
		case "/idle":
			w.WriteHeader(http.StatusNoContent)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			http.Redirect(w, r, elsewhere, http.StatusFound)
		}
	})
	expect(t, HTTP(address+"/here"), false, "")
	expect(t, HTTP(address+"/there"), true, "answered 302")
	expect(t, HTTP(address+"/round"), true, "answered 302")
}

func TestAProbeThatDoesNotAnswerIsBroken(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	gone := server.URL
	server.Close()
	expect(t, HTTP(gone+"/idle"), true, "connection refused")
	expect(t, Prometheus(gone, "up", 0), true, "connection refused")
	stop := make(chan struct{})
	deaf := serve(t, func(http.ResponseWriter, *http.Request) { <-stop })
	t.Cleanup(func() { close(stop) })
	expect(t, HTTP(deaf), true, "nothing came within 5s")
}

// Whatever is wrong, no secret of an address is printed.
func TestNoSecretOfAnAddressIsPrinted(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	host := strings.TrimPrefix(server.URL, "http://")
	addresses := []string{"http://alice:s3cr3t@" + host + "/idle?token=s3cr3t", "http://alice:s3cr3t@127.0.0.1:1/?s3cr3t",
		"http://s3cr3t:%zz@x", "://s3cr3t"}
	ask := func() {
		for _, address := range addresses {
			for _, source := range []Source{HTTP(address), Prometheus(address, "up", 0)} {
				got, err := source(t.Context(), time.Now())
				if err != nil || !got.Broken || strings.Contains(got.Busy, "s3cr3t") {
					t.Errorf("%+v, %v", got, err)
				}
			}
		}
	}
	ask()
	server.Close()
	ask()
}

func TestTheEndOfTheRunIsNoAnswer(t *testing.T) {
	told := errors.New("told to stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel(told)
		<-r.Context().Done()
	})
	for _, source := range []Source{HTTP(address), Prometheus(address, "up", 0)} {
		if got, err := source(ctx, time.Now()); !errors.Is(err, told) {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

// prometheus answers as a Prometheus server does, in the form of its API's documentation.
func prometheus(t *testing.T, status int, body string) Source {
	t.Helper()
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/prom/api/v1/query" || r.FormValue("query") != "sum(rate(x[1m]))" {
			t.Errorf("asked for %s with %q", r.URL.Path, r.Form)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
	return Prometheus(address+"/prom/", "sum(rate(x[1m]))", 2.5)
}

func vector(values ...string) string {
	var series []string
	for _, v := range values {
		series = append(series, fmt.Sprintf(`{"metric":{"__name__":"up"},"value":[1435781451.781,%q]}`, v))
	}
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(series, ",") + `]}}`
}

func TestPrometheus(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		broken bool
		says   string
	}{
		"below": {200, vector("1", "2.5"), false, ""},
		"one is above": {200, vector("1", "2.6", "0"), false,
			"the Prometheus query sum(rate(x[1m])) gives 2.6, more than 2.5"},
		"above all": {200, vector("+Inf"), false, "gives +Inf"},
		"below all": {200, vector("-Inf"), false, ""},
		"a scalar": {200, `{"status":"success","data":{"resultType":"scalar","result":[1435781451.781,"7"]}}`,
			false, "gives 7"},
		"nothing":   {200, vector(), true, "returned nothing: check the metric's name, or add `or vector(0)`"},
		"no number": {200, vector("NaN"), true, "gives NaN"},
		"a range": {200, `{"status":"success","data":{"resultType":"matrix","result":[]}}`, true,
			"it gives a matrix: write a query that gives numbers"},
		"a text": {200, `{"status":"success","data":{"resultType":"string","result":[1435781451.781,"7"]}}`,
			true, "it gives a string"},
		"a histogram": {200,
			`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1435781451.781,{"count":"60"}]}]}}`, true, "is no number"},
		"a query that is none": {400,
			`{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected end of input"}`, true,
			"answers 400: 1:5: parse error"},
		"a server of another API": {404, `404 page not found`, true, "answers 404 and no JSON: is that Prometheus?"},
		"a very long error":       {503, `{"status":"error","error":"` + strings.Repeat("x", 10_000) + `"}`, true, "x…"},
		"an answer without end":   {200, vector(strings.Repeat("1", maxAnswer)), true, "no JSON"},
		"a proxy's empty page":    {200, ``, true, "no JSON"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, prometheus(t, c.status, c.body), c.broken, c.says) })
	}
}

func FuzzParseAnswer(f *testing.F) {
	for _, body := range []string{vector("1", "NaN"),
		`{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}`, `{"status":"error"}`, `[]`,
		`{"status":"success","data":{"resultType":"vector","result":[{"value":[]}]}}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if values, err := parseAnswer(200, text); err != nil && values != nil {
			t.Errorf("%v and %v", values, err)
		}
	})
}

func TestMasked(t *testing.T) {
	for address, want := range map[string]string{
		"http://app:8080/idle": "http://app:8080/idle", "https://u:p@app/a?b=c#d": "https://app/a",
		"http://[::1]:80": "http://[::1]:80", "\x00": "(an address that cannot be read)",
	} {
		if got := masked(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
		if _, err := url.Parse(masked(address)); err != nil && want[0] == 'h' {
			t.Error(err)
		}
	}
}
