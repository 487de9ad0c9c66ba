package tasks

import "context"

// Holding is what a task holds for the documents of some collections.
type Holding struct {
	What        string          // it does with them, such as "counting"
	Collections func() []string // whose documents count
	Bytes       int64           // of each
}

// memoryBeside is what a run takes beside what it holds for documents.
const memoryBeside = 64 << 20

// Fits refuses, before it begins, what would take more memory than the run may use. The sizes of the collections are
// estimates.
func (e Env) Fits(ctx context.Context, h Holding) error {
	if e.Memory == 0 {
		return nil
	}
	var documents int64
	for _, c := range h.Collections() {
		documents += e.DB.Estimate(ctx, c)
	}
	need := documents*h.Bytes + memoryBeside
	if need <= e.Memory {
		return nil
	}
	const mib = 1 << 20
	return Misconfigured("%s needs about %d MiB for %d documents, and the run may use %d MiB: "+
		"raise the memory limit of the pod (spec.job.resources.limits.memory) to %d MiB or more",
		h.What, need/mib, documents, e.Memory/mib, need/mib*10/9+1)
}
