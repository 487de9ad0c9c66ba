package runner

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/throttle"
)

// lookAtThrottleEvery is how long a change of the throttle takes to be seen, at most.
const lookAtThrottleEvery = 2 * time.Second

// levels are the limits of each throttle.
var levels = map[string]throttle.Limits{
	jobspec.ThrottleOff: throttle.Off, jobspec.ThrottleLow: throttle.Low, jobspec.ThrottleNormal: throttle.Normal,
}

// limit has the run take no more at a time than its throttle allows, until stop is called.
func (r *run) limit(ctx context.Context) (stop func()) {
	p := &pace{processes: r.o.Parallelism, level: r.o.ThrottleLevel(), own: r.o.ThrottleLevel(),
		file: r.o.ThrottleFile, progress: r.Progress, log: r.Log}
	p.throttle = throttle.New(levels[p.level].Of(p.processes))
	r.throttle = p.throttle
	p.look()
	r.Progress.LimitBy(p.limit)
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { p.follow(ctx) })
	return func() { cancel(); done.Wait() }
}

// pace is the throttle of a run under way, which a file may change.
type pace struct {
	throttle  *throttle.Throttle
	processes int    // that share the run, and its limits
	own, file string // the throttle while the file says nothing; the file may be empty
	progress  *progress.Progress
	log       *slog.Logger

	mu      sync.Mutex
	level   string
	unknown string // what the file says that is no throttle
	slowed  bool   // and the log says so
}

func (p *pace) follow(ctx context.Context) {
	tick := time.NewTicker(lookAtThrottleEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.look()
			p.tellSlow()
		}
	}
}

// look changes the throttle to what the file says. An empty file, or none, leaves the run its own; a file that cannot
// be read, or that says something else, changes nothing.
func (p *pace) look() {
	if p.file == "" {
		return
	}
	text, err := os.ReadFile(p.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.log.Debug("the throttle cannot be read", "error", err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	wanted := strings.ToLower(strings.TrimSpace(string(text)))
	if wanted == "" {
		wanted = p.own
	}
	limits, known := levels[wanted]
	switch {
	case !known && wanted != p.unknown:
		p.unknown = wanted
		p.log.Warn("the throttle stays as it is: write off, low or normal", "throttle", p.level, "wanted", wanted)
	case known && wanted != p.level:
		p.log.Info("the throttle changed", "from", p.level, "to", wanted)
		p.level, p.unknown = wanted, ""
		p.throttle.Replace(limits.Of(p.processes))
		p.progress.LimitChanged()
	}
}

// tellSlow logs when the database begins to answer late, and when that is over.
func (p *pace) tellSlow() {
	l := p.limit(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.Slowed == p.slowed {
		return
	}
	if p.slowed = l.Slowed; l.Slowed {
		p.log.Info("the run makes room", "why", l.Why(), "limit", l.PerSecond)
		return
	}
	p.log.Info("the run takes as much as its throttle allows again", "throttle", l.Throttle)
}

// limit is for the progress.
func (p *pace) limit(files bool) progress.Limit {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.throttle.State()
	l := progress.Limit{Throttle: p.level, PerSecond: s.Documents, Slowed: s.Slowed, Took: s.Late.Took,
		Usual: s.Late.Usual}
	if files {
		l.PerSecond = s.Files
	}
	return l
}
