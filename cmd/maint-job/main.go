// Command maint-job runs one maintenance task on a UCore FS library and exits.
//
//	maint-job run TASK [flags]          do one task; `maint-job run TASK --help` shows the flags
//	maint-job list                      the tasks
//	maint-job restore --run ID [flags]  put back what a run deleted or shortened
//	maint-job manifests -f config.json  the schedules of a UCore FS configuration, for kubectl
//	maint-job check [flags]             whether this installation will work
//	maint-job roots [flags]             the library roots, and what is remembered of them
//	maint-job roots accept PATH [flags] accept a root as it is now
//	maint-job declare [flags]           a first declaration of a library, guessed from its documents, for --library
//	maint-job completion SHELL          a script that completes the command line
//	maint-job version                   the version
//
// The database is the one of $MONGODB_URI, --mongodb-uri-file or --mongodb-uri. Logs and progress go to standard error,
// the result to standard output: a small table, or with --output json exactly one JSON object. In a pod the result also
// goes to the termination log. SIGTERM and SIGINT stop the run at the next safe point; the next run goes on.
//
// Exit codes: 0 succeeded, or deliberately not now; 3 partial; 4 refused, a person must look; 64 usage; 65 bad data; 70
// internal; 75 temporary, try again; 78 configuration.
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
	"ucorefs.io/maintenance/pkg/memlimit"
	"ucorefs.io/maintenance/pkg/runner"
)

// version is set by the linker.
var version = "dev"

func main() { program(stopWithin) }

// stopWithin is how long a run may take to a safe point after a signal.
const stopWithin = 5 * time.Second

// program does what the command line says, and exits: after a signal within that time.
func program(stopWithin time.Duration) {
	memlimit.Set(os.DirFS("/sys/fs/cgroup"), os.Getenv, 9) // the rest is what Go does not count, such as the program's own text
	memlimit.Floor(os.Getenv, memlimit.JobFloor)
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-signals
		cancel(runner.ErrInterrupted)
		time.Sleep(stopWithin)
		fmt.Fprintln(os.Stderr, "maint-job: no safe point came in time: stopping hard; what was done stays, and the next "+
			"run goes on")
		os.Exit(jobspec.ExitTemporary)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the program: its arguments after the name, its environment, standard output and standard error.
func run(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	s := &session{args: args, env: env, in: os.Stdin, out: out, errs: errs}
	if err := misplacedURI(args); err != nil {
		return s.misplaced(err)
	}
	root := s.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	if err := root.ExecuteContext(ctx); err != nil && !errors.Is(err, errReported) {
		return complain(errs, err)
	}
	return s.code
}

// complain says what is wrong with the command line, one line an error.
func complain(errs io.Writer, err error) int {
	for _, line := range strings.Split(err.Error(), "\n") {
		fmt.Fprintln(errs, "maint-job:", line)
	}
	return jobspec.ExitUsage
}

// misplacedURI refuses a connection string where another argument belongs: an error that quotes that argument would
// print it.
func misplacedURI(args []string) error {
	for i, arg := range args {
		expected := strings.HasPrefix(arg, "--mongodb-uri=") || i > 0 && args[i-1] == "--mongodb-uri"
		if !expected && strings.Contains(arg, "://") && strings.Contains(arg, "@") {
			return errors.New("a connection string stands where none belongs: give it as $" + jobspec.EnvMongoDBURI +
				", --mongodb-uri-file or --mongodb-uri")
		}
	}
	return nil
}

// readURI completes the options with what the environment and files hold; a flag wins.
func readURI(o *jobspec.Options, env func(string) string) error {
	switch {
	case o.MongoDBURI != "":
	case o.MongoDBURIFile != "":
		content, err := os.ReadFile(o.MongoDBURIFile)
		if err != nil {
			return fmt.Errorf("read --mongodb-uri-file: %w", err)
		}
		if o.MongoDBURI = strings.TrimSpace(string(content)); o.MongoDBURI == "" {
			return errors.New("the file of --mongodb-uri-file is empty: write the connection string into it")
		}
	default:
		o.MongoDBURI = strings.TrimSpace(env(jobspec.EnvMongoDBURI))
		if from := env(jobspec.EnvMongoDBURIFrom); o.MongoDBURI == "" && from != "" {
			return fmt.Errorf("there is no connection string: %s does not exist or is empty: create it, or name another", from)
		}
	}
	return nil
}
