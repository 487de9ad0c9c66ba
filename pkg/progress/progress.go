// Package progress shows how far a long step has come: a one-line bar with rate and time left on a terminal, and at
// most one structured log line every LogEvery elsewhere. Whoever asks over HTTP gets it as JSON: that is how the
// controller knows.
//
// A nil *Progress is valid and shows nothing, so that a task never asks whether anybody watches.
package progress

import (
	"io"
	"log/slog"
	"sync"
	"time"
)

// LogEvery is the least time between two log lines; DrawEvery that between two drawings of the bar.
const (
	LogEvery  = 10 * time.Second
	DrawEvery = 100 * time.Millisecond
)

// Progress shows one step at a time. Its methods may be called from several goroutines.
type Progress struct {
	out Output

	mu    sync.Mutex
	state State
	shown time.Time // when the step was last drawn or logged
	drawn bool      // a bar stands in the terminal's present line
	steps int       // that have begun
	last  State     // the step that ended last
	ended time.Time // when it did
	limit func(files bool) Limit
}

// Output is where progress goes. Exactly one of Terminal and Log is used: Terminal where it is not nil.
type Output struct {
	Terminal io.Writer
	Width    int // the terminal's columns
	Log      *slog.Logger
	Now      func() time.Time
}

// New is a Progress that shows nothing until the first Start.
func New(out Output) *Progress { return &Progress{out: out} }

// LimitBy has the progress show how much the run may take at the moment: of files, or of documents. The function may be
// called from several goroutines.
func (p *Progress) LimitBy(limit func(files bool) Limit) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = limit
}

// limited is a state with what the run may take now.
func (p *Progress) limited(s State) State {
	if p.limit != nil {
		s.Limit = p.limit(s.files)
	}
	return s
}

// LimitChanged has the rate of the step measured from now on: that of before says nothing about the rest.
func (p *Progress) LimitChanged() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.since, p.state.before = p.out.Now(), p.state.Done
}

// Start begins a step, named in a few words such as "scan file_records". Total is the expected sum of all Adds; 0 or
// less where it is not known.
func (p *Progress) Start(step string, total int64) { p.start(State{Step: step, Total: total}) }

// StartFiles is Start for a step whose units are files.
func (p *Progress) StartFiles(step string, total int64) {
	p.start(State{Step: step, Total: total, files: true})
}

func (p *Progress) start(s State) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	now := p.out.Now()
	s.Started = now
	p.state, p.shown = s, now
	p.steps++
}

// Add says that n more units of the step are done.
func (p *Progress) Add(n int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Done += n
	if now := p.out.Now(); now.Sub(p.shown) >= p.every() {
		p.show(now)
	}
}

// Done ends the step; a bar is removed, so that what is printed next begins a fresh line.
func (p *Progress) Done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	if p.state.Step != "" {
		p.last, p.ended = p.state, p.out.Now()
	}
	p.state = State{}
}

func (p *Progress) every() time.Duration {
	if p.out.Terminal != nil {
		return DrawEvery
	}
	return LogEvery
}

func (p *Progress) show(now time.Time) {
	p.shown = now
	state := p.limited(p.state)
	if p.out.Terminal != nil {
		_, _ = io.WriteString(p.out.Terminal, "\r"+state.Bar(now, p.out.Width)+clearToEnd)
		p.drawn = true
		return
	}
	p.out.Log.Info("progress", state.attrs(now)...)
}

// clearToEnd is the terminal's "erase from here to the end of the line".
const clearToEnd = "\x1b[K"

func (p *Progress) clear() {
	if p.drawn {
		_, _ = io.WriteString(p.out.Terminal, "\r"+clearToEnd)
		p.drawn = false
	}
}
