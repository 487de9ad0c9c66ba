package idle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// probeTimeout is how long a probe may take to answer, maxAnswer how many bytes of its answer are read.
const (
	probeTimeout = 5 * time.Second
	maxAnswer    = 1 << 20
)

// HTTP asks an address: 200 and 204 mean idle, 423, 429 and 503 busy. Anything else is a probe that is broken.
func HTTP(address string) Source {
	client := newClient()
	return func(ctx context.Context, _ time.Time) (Signal, error) {
		status, _, err := get(ctx, client, address)
		switch {
		case ctx.Err() != nil:
			return Signal{}, context.Cause(ctx)
		case err != nil:
			return broken("the probe %s gave no answer: %v", masked(address), err), nil
		case status == http.StatusOK || status == http.StatusNoContent:
			return Signal{Known: true}, nil
		case status == http.StatusLocked || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
			return Signal{Known: true, Busy: fmt.Sprintf("the probe %s answered %d, which means busy", masked(address), status)},
				nil
		}
		return broken("the probe %s answered %d: let it answer 200 or 204 for idle, and 423, 429 or 503 for busy",
			masked(address), status), nil
	}
}

func broken(format string, args ...any) Signal {
	return Signal{Known: true, Broken: true, Busy: fmt.Sprintf(format, args...)}
}

// newClient follows redirects on the same host only: who answers for the library is the one who was named.
func newClient() *http.Client {
	return &http.Client{Timeout: probeTimeout, CheckRedirect: func(next *http.Request, before []*http.Request) error {
		if next.URL.Host != before[0].URL.Host || len(before) > 5 {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// get is an answer's status and the beginning of its text. No error quotes the address, which may hold a token.
func get(ctx context.Context, client *http.Client, address string) (status int, text []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, errors.New("it is no address")
	}
	response, err := client.Do(request)
	var quoting *url.Error
	if errors.As(err, &quoting) {
		if quoting.Timeout() {
			return 0, nil, fmt.Errorf("nothing came within %s", probeTimeout)
		}
		return 0, nil, quoting.Err
	}
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return response.StatusCode, text, err
}

// masked is an address without credentials and without its query, either of which may be a secret.
func masked(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(an address that cannot be read)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
