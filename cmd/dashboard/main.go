// Command dashboard serves the page on which people see and steer maintenance, in the cluster. It has no rights of its
// own: each request acts as its visitor (pkg/dashboard/access). It links no MongoDB driver and no controller.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // schedules name zones that an image may lack

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
)

// version is set by the linker.
var version = "dev"

// Exit codes, after sysexits(3).
const (
	exitOK       = 0
	exitUsage    = 64
	exitInternal = 70
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx is done. Logs are JSON lines on errOut.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	o, err := parse(args, errOut)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(errOut, "dashboard: %v\nTry dashboard --help.\n", err)
		return exitUsage
	case o.version:
		fmt.Fprintln(out, version)
		return exitOK
	}
	log := slog.New(slog.NewJSONHandler(errOut, &slog.HandlerOptions{Level: o.logLevel}))
	klog.SetLogger(logr.FromSlogHandler(log.Handler()))
	if err := start(ctx, o, log); err != nil {
		log.Error("the dashboard ends", "error", err.Error())
		return exitInternal
	}
	return exitOK
}
