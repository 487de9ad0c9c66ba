package progress

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestLiveIsServedAndNeverGoesBack(t *testing.T) {
	c := &clock{start}
	p := New(Output{Log: slog.New(slog.DiscardHandler), Now: c.read})
	server := httptest.NewServer(p)
	defer server.Close()
	var before Live
	look := func(want Live) {
		t.Helper()
		live := fetch(t, server.URL)
		if live != want {
			t.Errorf("got %+v, want %+v", live, want)
		}
		if live.Step < before.Step || live.Step == before.Step && live.Done < before.Done {
			t.Errorf("%+v comes after %+v", live, before)
		}
		before = live
	}
	pass := func(seconds int) { c.now = c.now.Add(time.Duration(seconds) * time.Second) }
	look(Live{Left: -1})
	p.Start("reading", 1000)
	look(Live{Step: 1, Name: "reading", Total: 1000, Left: -1})
	pass(10)
	p.Add(400)
	look(Live{Step: 1, Name: "reading", Done: 400, Total: 1000, Rate: 40, Left: 15, Passed: 10})
	pass(15)
	p.Add(600)
	p.Done()
	pass(100) // between two steps the last one stays
	look(Live{Step: 1, Name: "reading", Done: 1000, Total: 1000, Rate: 40, Passed: 25})
	p.Done() // without a step
	look(Live{Step: 1, Name: "reading", Done: 1000, Total: 1000, Rate: 40, Passed: 25})
	p.Start("writing", 0)
	pass(1)
	p.Add(7)
	look(Live{Step: 2, Name: "writing", Done: 7, Rate: 7, Left: -1, Passed: 1})
	if before.Percent() != -1 || (Live{Done: 400, Total: 1000}).Percent() != 40 {
		t.Error("the percentages are wrong")
	}
}

func fetch(t *testing.T, url string) Live {
	t.Helper()
	answer, err := http.Get(url + Path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	live, err := ParseLive(text)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return live
}

func TestNothingElseIsServed(t *testing.T) {
	server := httptest.NewServer(New(Output{Now: time.Now}))
	defer server.Close()
	for name, send := range map[string]func() (*http.Response, error){
		"another path":   func() (*http.Response, error) { return http.Get(server.URL + "/") },
		"another method": func() (*http.Response, error) { return http.Post(server.URL+Path, "text/plain", nil) },
	} {
		answer, err := send()
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", name, answer.Status)
		}
	}
}

func TestWhatCannotBeIsNotBelieved(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":                 "a page",
		"nothing":                 "",
		"a negative count":        `{"step":1,"done":-1}`,
		"a number out of range":   `{"step":1,"done":1e300}`,
		"a name that is long":     `{"step":1,"name":"` + strings.Repeat("x", 65) + `"}`,
		"a throttle that is long": `{"step":1,"throttle":"` + strings.Repeat("x", 17) + `"}`,
		"an answer out of range":  `{"step":1,"took":9000000000000000000}`,
		"too much":                `{"step":1` + strings.Repeat(" ", MaxLive) + `}`,
	} {
		if live, err := ParseLive([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, live)
		}
	}
	longest := Live{Step: 1 << 30, Name: strings.Repeat("x", 64), Done: 1 << 62, Total: 1 << 62, Rate: 1 << 62,
		Left: 1 << 62, Passed: 1 << 62, Limit: 1 << 62, Slowed: true,
		Throttle: strings.Repeat("x", 16), Took: 1 << 62, Usual: 1 << 62}
	if text, _ := json.Marshal(longest); len(text) > MaxLive {
		t.Errorf("a Live may have %d bytes", len(text))
	}
}
