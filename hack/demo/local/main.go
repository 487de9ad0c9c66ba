// Command local runs every maintenance task on a small damaged library on this machine: no cluster, no root.
//
//	local --maint-job PATH --ferretdb PATH [--dir .demo] [--files 300]
//
// It makes the library (real files below DIR, records in a FerretDB of its own that keeps them below DIR), runs
// `maint-job check`, then each task twice, planned (--dry-run) and done, restores one run, and prints a table. What was
// wrong before and what is left after comes from a recount that shares no code with maint-job. It exits 1 if a plan
// changed anything, if something that should be mended is left, or if the restored records are not the deleted ones.
//
// It must not use the product's packages: it types maint-job's command lines, as a person would.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
)

// Exit codes.
const (
	exitOK          = 0
	exitWrong       = 1
	exitUsage       = 64
	exitInterrupted = 130 // as a shell counts Ctrl-C
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the command line.
type settings struct {
	maintJob, ferretDB string // paths of the programs
	dir                string // everything that the demo makes is below it
	files              int
}

func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	s, err := parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintln(errOut, "demo:", err)
		return exitUsage
	}
	err = demonstrate(ctx, s, out)
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case err != nil:
		fmt.Fprintln(errOut, "demo:", err)
		return exitWrong
	}
	return exitOK
}

func parse(args []string) (settings, error) {
	var s settings
	fs := pflag.NewFlagSet("local", pflag.ContinueOnError)
	fs.StringVar(&s.maintJob, "maint-job", "", "path of maint-job")
	fs.StringVar(&s.ferretDB, "ferretdb", "", "path of FerretDB, as hack/tools/build.sh builds it")
	fs.StringVar(&s.dir, "dir", ".demo", "folder for everything that the demo makes")
	fs.IntVar(&s.files, "files", 300, "number of file records")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	if s.maintJob == "" || s.ferretDB == "" {
		return s, errors.New("--maint-job and --ferretdb are required: `make demo` builds both")
	}
	return s, nil
}
