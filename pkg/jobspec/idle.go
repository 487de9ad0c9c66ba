package jobspec

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"time"

	"github.com/spf13/pflag"
)

// Idle is the idle gate: when a run may begin, and when it stops for others.
type Idle struct {
	// RunOnIdleOnly starts the run only when the library has been idle for IdleThreshold, and pauses it when it is in
	// use again.
	RunOnIdleOnly bool
	IdleThreshold time.Duration
	// MaxIdleWait is how long the run waits for that.
	MaxIdleWait time.Duration
	// IdleOnTimeout is what comes then: IdleSkip or IdleRun. A run that would begin anyway is not paused later either.
	IdleOnTimeout string
	// IdleMaxDatabaseOps is how many operations a second other clients of the database may do in an idle library;
	// negative: they are not counted.
	IdleMaxDatabaseOps int
	// IdleHTTPURL is asked whether the library is idle: 200 and 204 mean idle, 423, 429 and 503 busy. Empty: nobody is
	// asked.
	IdleHTTPURL string
	// IdlePrometheusURL is a Prometheus server, for which the library is in use while a value of IdlePrometheusQuery is
	// above IdlePrometheusMax. Empty: none.
	IdlePrometheusURL   string
	IdlePrometheusQuery string
	IdlePrometheusMax   float64
}

// Values of IdleOnTimeout.
const (
	IdleSkip = "skip"
	IdleRun  = "run"
)

func (i *Idle) addFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&i.RunOnIdleOnly, "run-on-idle-only", i.RunOnIdleOnly,
		"start only when the library is idle, and pause when it is in use again")
	fs.DurationVar(&i.IdleThreshold, "idle-threshold", i.IdleThreshold, "how long the library must have been idle")
	fs.DurationVar(&i.MaxIdleWait, "max-idle-wait", i.MaxIdleWait, "how long to wait for that")
	fs.StringVar(&i.IdleOnTimeout, "idle-on-timeout", i.IdleOnTimeout,
		"what comes then: skip, or run (which does not pause for load either)")
	fs.IntVar(&i.IdleMaxDatabaseOps, "idle-max-database-ops", i.IdleMaxDatabaseOps,
		"busy while other clients do more operations a second than that (-1: not counted)")
	fs.StringVar(&i.IdleHTTPURL, "idle-http-url", i.IdleHTTPURL,
		"ask there: 200 or 204 is idle; 423, 429 or 503 is busy; anything else is a broken probe, and counts as busy")
	fs.StringVar(&i.IdlePrometheusURL, "idle-prometheus-url", i.IdlePrometheusURL,
		"ask this Prometheus server, such as http://prometheus:9090")
	fs.StringVar(&i.IdlePrometheusQuery, "idle-prometheus-query", i.IdlePrometheusQuery,
		"busy while a value of this query is above --idle-prometheus-max")
	fs.Float64Var(&i.IdlePrometheusMax, "idle-prometheus-max", i.IdlePrometheusMax,
		"the largest value of an idle library")
}

// Probes are the flags of i that ask somebody who keeps no record: whether the library is idle is seen only by watching
// it.
func (i Idle) Probes() (flags []string) {
	if i.IdleMaxDatabaseOps >= 0 {
		flags = append(flags, "--idle-max-database-ops")
	}
	if i.IdleHTTPURL != "" {
		flags = append(flags, "--idle-http-url")
	}
	if i.IdlePrometheusURL != "" {
		flags = append(flags, "--idle-prometheus-url")
	}
	return flags
}

func (i Idle) check() (errs []error) {
	for flag, address := range map[string]string{"idle-http-url": i.IdleHTTPURL,
		"idle-prometheus-url": i.IdlePrometheusURL} {
		if address != "" && !isProbe(address) { // not quoted: it may hold a secret
			errs = append(errs, fmt.Errorf("--%s: write http://HOST:PORT/PATH or https://…, without a user name, "+
				"a password or a #", flag))
		}
	}
	if (i.IdlePrometheusURL == "") != (i.IdlePrometheusQuery == "") {
		errs = append(errs, errors.New("--idle-prometheus-url and --idle-prometheus-query: give both or none"))
	}
	if math.IsNaN(i.IdlePrometheusMax) {
		errs = append(errs, errors.New("--idle-prometheus-max=NaN: use a number"))
	}
	for _, flag := range i.Probes() {
		switch {
		case !i.RunOnIdleOnly:
			errs = append(errs, fmt.Errorf("%s has no effect without --run-on-idle-only", flag))
		case i.IdleThreshold < time.Second:
			errs = append(errs, fmt.Errorf("%s: use an --idle-threshold of 1s or more, "+
				"for which the library is watched", flag))
		case i.IdleThreshold > i.MaxIdleWait:
			errs = append(errs, fmt.Errorf("%s: the library is watched for --idle-threshold=%s, "+
				"and --max-idle-wait=%s is shorter, so that no run would ever begin", flag, i.IdleThreshold, i.MaxIdleWait))
		}
	}
	return errs
}

func isProbe(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		u.Fragment == ""
}
