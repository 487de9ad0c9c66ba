package idle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ucorefs.io/maintenance/pkg/ellipsis"
)

// maxQuoted is the runes of a query or of an error of Prometheus that a message quotes.
const maxQuoted = 120

// Prometheus asks a Prometheus server an instant query: busy while any value of the answer is above the limit. An
// answer without a value is none.
//
// The three fields of the answer that matter are read here
// (https://prometheus.io/docs/prometheus/latest/querying/api/): the client of Prometheus itself made the job's binary
// larger by a fifth (2.2 MB).
func Prometheus(server, query string, limit float64) Source {
	client := newClient()
	return func(ctx context.Context, _ time.Time) (Signal, error) {
		values, err := instant(ctx, client, server, query)
		if ctx.Err() != nil {
			return Signal{}, context.Cause(ctx)
		}
		if err != nil {
			return broken("the Prometheus server %s did not answer the query %s: %v", masked(server), quoted(query), err), nil
		}
		return weigh(values, query, limit), nil
	}
}

// weigh holds the values of an answer against the limit.
func weigh(values []float64, query string, limit float64) Signal {
	if len(values) == 0 {
		return broken("the Prometheus query %s returned nothing: check the metric's name, or add `or vector(0)`",
			quoted(query))
	}
	for _, v := range values {
		switch {
		case math.IsNaN(v):
			return broken("the Prometheus query %s gives NaN: let it give a number, also where nothing happens", quoted(query))
		case v > limit:
			return Signal{Known: true, Busy: fmt.Sprintf("the Prometheus query %s gives %g, more than %g", quoted(query), v,
				limit)}
		}
	}
	return Signal{Known: true}
}

func instant(ctx context.Context, client *http.Client, server, query string) ([]float64, error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, errors.New("it is no address")
	}
	u = u.JoinPath("api/v1/query")
	u.RawQuery = url.Values{"query": {query}}.Encode()
	status, text, err := get(ctx, client, u.String())
	if err != nil {
		return nil, err
	}
	return parseAnswer(status, text)
}

// answer is what /api/v1/query answers.
type answer struct {
	Status string `json:"status"`
	Error  string `json:"error"`
	Data   struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	} `json:"data"`
}

// point is a time and a number, the number as a string: [1435781430.781, "1"].
type point [2]any

func parseAnswer(status int, text []byte) ([]float64, error) {
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, fmt.Errorf("it answers %d and no JSON: is that Prometheus?", status)
	}
	if a.Status != "success" {
		return nil, fmt.Errorf("it answers %d: %s", status, quoted(a.Error))
	}
	switch a.Data.ResultType {
	case "vector":
		var series []struct {
			Value point `json:"value"`
		}
		if err := json.Unmarshal(a.Data.Result, &series); err != nil {
			return nil, fmt.Errorf("its answer cannot be read: %w", err)
		}
		points := make([]point, len(series))
		for i, s := range series {
			points[i] = s.Value
		}
		return numbers(points...)
	case "scalar":
		var p point
		if err := json.Unmarshal(a.Data.Result, &p); err != nil {
			return nil, fmt.Errorf("its answer cannot be read: %w", err)
		}
		return numbers(p)
	}
	return nil, fmt.Errorf("it gives a %s: write a query that gives numbers of this moment, such as "+
		"sum(rate(http_requests_total[1m]))", quoted(a.Data.ResultType))
}

func numbers(points ...point) (values []float64, err error) {
	for _, p := range points {
		text, _ := p[1].(string) // a histogram has no value
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("a value of its answer is no number but %q", quoted(fmt.Sprint(p[1])))
		}
		values = append(values, v)
	}
	return values, nil
}

// quoted is the beginning of a text that somebody else wrote.
func quoted(text string) string { return ellipsis.Cut(text, maxQuoted) }
