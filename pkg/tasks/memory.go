package tasks

import "context"

// memoryBeside is what a run takes beside what it holds for documents.
const memoryBeside = 64 << 20

// Fits refuses, before it begins, what would take more memory than the run may use: doing something, such as
// "counting", that holds so many bytes for each document of some collections. Their sizes are estimates.
func (e Env) Fits(ctx context.Context, doing string, bytesEach int64, collections func() []string) error {
	if e.Memory == 0 {
		return nil
	}
	var documents int64
	for _, c := range collections() {
		documents += e.DB.Estimate(ctx, c)
	}
	need := documents*bytesEach + memoryBeside
	if need <= e.Memory {
		return nil
	}
	const mib = 1 << 20
	return Misconfigured("%s needs about %d MiB for %d documents, and the run may use %d MiB: "+
		"raise the memory limit of the pod (spec.job.resources.limits.memory) to %d MiB or more",
		doing, need/mib, documents, e.Memory/mib, need/mib*10/9+1)
}
