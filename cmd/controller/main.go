// Command controller makes MaintenanceSchedules into CronJobs and the results of their runs into status. It links no
// MongoDB driver: the runs do the work, in pods of their own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	_ "time/tzdata" // schedules name zones that an image may lack

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"ucorefs.io/maintenance/pkg/memlimit"
)

// version is set by the linker.
var version = "dev"

// Exit codes, after sysexits(3).
const (
	exitOK       = 0
	exitUsage    = 64
	exitInternal = 70
)

// gcPercent trades a little processor time for memory: the cache of many schedules lives long, and what a list or a
// look at the metrics makes does not. GOGC in the environment wins.
const gcPercent = 25

// memoryTenths is how much of the container's memory Go may fill before it collects garbage all the more: of the
// chart's 256 MiB the half, which ten thousand schedules need while they are listed and scraped.
const memoryTenths = 5

func main() {
	memlimit.Set(os.DirFS("/sys/fs/cgroup"), os.Getenv, memoryTenths)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(ctrl.SetupSignalHandler(), os.Args[1:], os.Stdout, os.Stderr))
}

// run works until ctx is done. Logs are JSON lines on errOut.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	o, err := parse(args, errOut)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(errOut, "controller: %v\nTry controller --help.\n", err)
		return exitUsage
	case o.version:
		fmt.Fprintln(out, version)
		return exitOK
	}
	log := logr.FromSlogHandler(slog.NewJSONHandler(errOut, &slog.HandlerOptions{Level: o.logLevel}))
	ctrl.SetLogger(log)
	klog.SetLogger(log)
	log.Info("the controller starts", "version", version, "namespaces", o.namespaces, "jobImage", o.settings.Image)
	if err := start(ctx, o); err != nil {
		log.Error(err, "the controller ends")
		return exitInternal
	}
	return exitOK
}
