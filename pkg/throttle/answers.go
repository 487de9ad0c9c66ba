package throttle

import "time"

// isJudged tells whether a command usually takes as long as the one before of the same name. Counting takes as long as
// it takes, and a find may be about one document or thousands.
func isJudged(command string) bool {
	switch command {
	case "getMore", "insert", "update", "delete":
		return true
	}
	return false
}

// How much of one answer goes into what is usual. A late one says less, so that a run makes room for minutes before it
// takes a slow server for the usual one.
const (
	learned     = 16
	learnedLate = 512
)

// Answered tells how long the database took to answer a command. A late answer halves what is allowed, and has the run
// wait as long as the answer took; while answers are in time, what is allowed grows again.
func (t *Throttle) Answered(command string, took time.Duration) {
	if t == nil || !isJudged(command) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	passed := now.Sub(t.changed)
	t.changed = now
	if !t.isLate(command, took) {
		t.share = min(t.share+float64(passed)/float64(recovery), 1)
		return
	}
	t.late = Late{Took: took, Usual: t.usual[command]}
	t.share = max(t.share/2, leastShare)
	for _, until := range []*time.Time{&t.documents, &t.files} {
		if until.Before(now) {
			*until = now
		}
		*until = until.Add(took)
	}
}

// isLate judges an answer by those before it, and learns from it.
func (t *Throttle) isLate(command string, took time.Duration) bool {
	usual, known := t.usual[command]
	switch {
	case !known:
		t.usual[command] = took
		return false
	case t.limits.Latency > 0 && took > t.limits.Latency && took > late*usual:
		t.usual[command] += (took - usual) / learnedLate
		return true
	}
	t.usual[command] += (took - usual) / learned
	return false
}
