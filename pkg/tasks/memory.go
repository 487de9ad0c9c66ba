package tasks

import (
	"context"
	"fmt"
)

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
	return e.fits(doing, fmt.Sprintf("%d documents", documents), documents*bytesEach)
}

// FitsLists is Fits for what holds every id that the documents of a collection list, which takes at least as many bytes
// as these documents do.
func (e Env) FitsLists(ctx context.Context, doing, collection string) error {
	if e.Memory == 0 {
		return nil
	}
	bytes := e.DB.Size(ctx, collection)
	return e.fits(doing, fmt.Sprintf("the %d MiB of %s", bytes/mib, collection), bytes)
}

func (e Env) fits(doing, what string, held int64) error {
	need := held + memoryBeside
	if need <= e.Memory {
		return nil
	}
	return misfit(fmt.Sprintf("%s needs about %d MiB for %s", doing, need/mib, what), e.Memory, need)
}

const mib = 1 << 20

// misfit says of what does not fit how large the memory limit must be, a tenth of which Go may not use.
func misfit(what string, memory, need int64) error {
	return Misconfigured("%s, and the run may use %d MiB: "+
		"raise the memory limit of the pod (spec.job.resources.limits.memory) to %d MiB or more",
		what, memory/mib, need*10/9/mib+1)
}

// Room is what is left of the memory for what a run holds, where it learns only as it reads how much that is. It is not
// safe for concurrent use. A nil Room has no end.
type Room struct {
	doing        string
	memory, held int64
}

// Room is for doing something, such as "comparing files".
func (e Env) Room(doing string) *Room {
	if e.Memory == 0 {
		return nil
	}
	return &Room{doing: doing, memory: e.Memory, held: memoryBeside}
}

// Take counts so many bytes as held from now on, and refuses what does not fit. It is to be called before something is
// changed.
func (r *Room) Take(bytes int64) error {
	if r == nil {
		return nil
	}
	if r.held += bytes; r.held <= r.memory {
		return nil
	}
	return misfit(fmt.Sprintf("%s needs more than %d MiB", r.doing, r.memory/mib), r.memory, 2*r.memory)
}
