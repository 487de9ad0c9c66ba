package controller

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

// faults stand between the controller and the API server, as a proxy would. While they are off everything passes.
type faults struct {
	mu     sync.Mutex
	random *rand.Rand
	on     bool
	kinds  map[string]int // how often each happened
}

// between returns a configuration whose requests go through the faults.
func (f *faults) between(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return faultyTransport{f, next} })
	return config
}

// faultyTransport is one client's way to the API server.
type faultyTransport struct {
	*faults
	next http.RoundTripper
}

// refusals of a server that is not well.
var answers = map[string]int{"conflict": 409, "too many requests": 429, "internal error": 500, "unavailable": 503}

// RoundTrip implements http.RoundTripper.
func (t faultyTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	switch kind := t.draw(request.Method != http.MethodGet); kind {
	case "":
		return t.next.RoundTrip(request)
	case "away", "lost before":
		return nil, fmt.Errorf("%s %s: connection refused", request.Method, request.URL.Path)
	case "lost after":
		if answer, err := t.next.RoundTrip(request); err == nil {
			_ = answer.Body.Close()
		}
		return nil, io.ErrUnexpectedEOF
	default:
		return answerWith(request, answers[kind]), nil
	}
}

// draw is the fault of one request; empty: none.
func (f *faults) draw(isWrite bool) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.on || f.random.IntN(3) > 0 {
		return ""
	}
	kinds := []string{"away", "too many requests", "internal error", "unavailable"}
	if isWrite {
		kinds = append(kinds, "lost before", "lost after", "lost after", "conflict")
	}
	kind := kinds[f.random.IntN(len(kinds))]
	f.kinds[kind]++
	return kind
}

func answerWith(request *http.Request, code int) *http.Response {
	reasons := map[int]string{409: "Conflict", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}
	body := fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"message":"a fault of the test","code":%d}`, reasons[code], code)
	return &http.Response{StatusCode: code, Status: http.StatusText(code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}
