package jobspec

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// MaxParallelism is how many processes may share a run at most.
const MaxParallelism = 32

// EnvIndex is which of the processes that share a run this one is, as an Indexed Job of Kubernetes sets it.
const EnvIndex = "JOB_COMPLETION_INDEX"

// Sharing is how the processes of one run share its reading. The first one leads.
type Sharing struct {
	// Parallelism is how many processes do one run together; 1: this one is alone.
	Parallelism int
	// Index is which of them this one is, from 0.
	Index int
}

// Leads tells whether other processes help this one.
func (s Sharing) Leads() bool { return s.Parallelism > 1 && s.Index == 0 }

// Helps tells whether this process helps another one.
func (s Sharing) Helps() bool { return s.Parallelism > 1 && s.Index > 0 }

func (o *Options) addSharingFlags(fs *pflag.FlagSet) {
	fs.IntVar(&o.Parallelism, "parallelism", o.Parallelism,
		"how many processes with the same --run-id share the reading of this run; each has its own --index")
	fs.IntVar(&o.Index, "index", o.Index,
		"which of those processes this one is; 0 leads and alone writes (default: $"+EnvIndex+", else 0)")
}

// SharedTasks are the names of the tasks whose reading several processes can share.
func SharedTasks() []string { return namesOf(func(t Task) bool { return t.Shared }) }

func (o Options) checkSharing() []error {
	errs := []error{between("parallelism", float64(o.Parallelism), 1, MaxParallelism)}
	if o.Parallelism <= 1 {
		return errs
	}
	errs = append(errs, between("index", float64(o.Index), 0, float64(o.Parallelism-1)))
	if t, err := TaskByName(o.Task); err == nil && !t.Shared {
		errs = append(errs, fmt.Errorf("--parallelism=%d: only %s can be shared by several processes, not %s: leave it out",
			o.Parallelism, strings.Join(SharedTasks(), " and "), t.Name))
	}
	return errs
}
