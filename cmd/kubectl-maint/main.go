// Command kubectl-maint is a kubectl plugin for UCore FS maintenance: `kubectl maint`, where it is on PATH.
//
//	kubectl maint list                   the schedules, and what is wrong with them
//	kubectl maint check [NAME]           say whether their runs will work
//	kubectl maint run NAME [--wait]      run one now
//	kubectl maint plan NAME              run one without changing anything, and show the plan
//	kubectl maint approve NAME           let runs carry out the plan that the last one refused
//	kubectl maint stop NAME              stop the run that is under way
//	kubectl maint history|logs NAME      how its runs ended, what the newest one printed
//	kubectl maint suspend|resume NAME    stop and start the scheduled runs
//	kubectl maint throttle NAME Low      change how much runs take at a time, also the run under way
//	kubectl maint restore NAME --run ID  print the Job that undoes a run
//	kubectl maint import config.json     apply the schedules of a UCore FS configuration
//	kubectl maint dashboard              serve the page in the browser on this machine
//
// It reads and patches MaintenanceSchedules, and reads CronJobs, pods and their logs. Only check creates a Job, which
// it removes, and only stop deletes a run's Job. It reads no Secret. What is for a program goes to standard output,
// everything else to standard error.
//
// Exit codes: 0 it worked, and with --wait the run succeeded or paused; with --wait also maint-job's own: 3 partial, 4
// refused, 65 bad data, 70 any other failure, 75 temporary, skipped or --timeout; 64 usage; 65 a config.json that is
// wrong; 78 a schedule that cannot run as it is, or a check that found something missing; 1 anything else, such as a
// cluster that does not answer.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
	"ucorefs.io/maintenance/pkg/plaintext"
)

// version is set by the linker.
var version = "dev"

// exitOther is the exit code of what maint-job's codes do not speak of.
const exitOther = 1

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program: its arguments after the name, and its streams.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	out, errs = &plaintext.Writer{To: out}, &plaintext.Writer{To: errs} // statuses and logs hold what others wrote
	if err := misplacedURI(args); err != nil {
		return complain(errs, err, jobspec.ExitUsage)
	}
	s := &session{in: in, out: out, errs: errs, now: time.Now, open: openBrowser}
	root := s.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	var ended *failure
	switch {
	case err == nil:
		return s.code
	case errors.As(err, &ended):
		return complain(errs, err, codeOf(err))
	}
	return complain(errs, fmt.Errorf("%w; kubectl maint --help shows how", err), jobspec.ExitUsage)
}

// failure is an error of a command that had begun; any other error is about the command line.
type failure struct{ error }

func (f *failure) Unwrap() error { return f.error }

// codeOf is the exit code that goes with a command's error.
func codeOf(err error) int {
	var stalled *kubectlmaint.StalledError
	var blocked *kubectlmaint.BlockedError
	var data *badData
	switch {
	case errors.As(err, &data):
		return jobspec.ExitBadData
	case errors.As(err, &stalled), errors.As(err, &blocked):
		return jobspec.ExitConfig
	case errors.Is(err, kubectlmaint.ErrTimeout), errors.Is(err, kubectlmaint.ErrCheckTimeout):
		return jobspec.ExitTemporary
	}
	return exitOther
}

// complain says what is wrong, one line an error.
func complain(errs io.Writer, err error, code int) int {
	for _, line := range strings.Split(strings.TrimSpace(err.Error()), "\n") {
		if line != "" {
			fmt.Fprintln(errs, "kubectl maint:", line)
		}
	}
	return code
}

// misplacedURI refuses a connection string anywhere: the plugin never needs one, and an error that quotes it would
// print it.
func misplacedURI(args []string) error {
	for _, arg := range args {
		if strings.Contains(arg, "mongodb://") || strings.Contains(arg, "mongodb+srv://") {
			return errors.New("a connection string stands where none belongs: put it into a Secret, " +
				"and name that with --secret-name")
		}
	}
	return nil
}
