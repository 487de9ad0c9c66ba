package controller

import (
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"ucorefs.io/maintenance/internal/testing/apiproxy"
)

// faults say what becomes of the requests of one step of a scenario. That follows from the seed, the step and the
// request itself, not from how often it is sent or when: what runs beside the test cannot change it. Watches and the
// lists before them pass: see replica.
type faults struct {
	mu        sync.Mutex
	seed      uint64
	namespace string // whose name is another one each time
	step      uint64
	on        bool
	dies      bool // the replica is killed in this step
	writesTo  int  // its last write: the others never take place
	writes    int
}

// begin begins a step, in which faults happen or not.
func (f *faults) begin(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.step, f.on, f.dies, f.writes = f.step+1, on, false, 0
}

// die has the replica do so many writes more in this step, without hearing of the last one, and then nothing.
func (f *faults) die(writes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dies, f.writesTo = true, writes
}

// judge is for apiproxy.
func (f *faults) judge(r *http.Request) apiproxy.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	isWrite := r.Method != http.MethodGet
	switch {
	case !f.on || isReflectors(r):
		return apiproxy.None
	case f.dies:
		return f.lastMoments(isWrite)
	}
	return f.draw(r, isWrite)
}

func (f *faults) lastMoments(isWrite bool) apiproxy.Fault {
	if isWrite {
		f.writes++
	}
	switch {
	case f.writes > f.writesTo:
		return apiproxy.LostBefore
	case isWrite && f.writes == f.writesTo:
		return apiproxy.LostAfter
	}
	return apiproxy.None
}

// draw spoils every third request. A client asks again where the connection of a read is cut: that would only take
// time.
func (f *faults) draw(r *http.Request, isWrite bool) apiproxy.Fault {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(r.Method + strings.ReplaceAll(r.URL.Path, f.namespace, "")))
	random := rand.New(rand.NewPCG(f.seed<<32+f.step, hash.Sum64()))
	if random.IntN(3) > 0 {
		return apiproxy.None
	}
	kinds := []apiproxy.Fault{apiproxy.Torn, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusServiceUnavailable}
	if isWrite {
		kinds = append(kinds, apiproxy.LostBefore, apiproxy.LostAfter, apiproxy.LostAfter, http.StatusConflict)
	}
	return kinds[random.IntN(len(kinds))]
}

// isReflectors tells whether a request is a cache's, which says what it knows already.
func isReflectors(r *http.Request) bool {
	return apiproxy.IsWatch(r) || r.URL.Query().Has("resourceVersion")
}
