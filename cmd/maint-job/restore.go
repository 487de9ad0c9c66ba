package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// restore undoes one run from the journal.
func restore(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	o := jobspec.Defaults()
	fs := pflag.NewFlagSet("maint-job restore", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	run := fs.String("run", "", "the run to undo, as its result names it")
	fs.StringVar(&o.MongoDBURI, "mongodb-uri", "", "connection string; better given as $MONGODB_URI")
	fs.StringVar(&o.MongoDBURIFile, "mongodb-uri-file", "", "file that holds the connection string")
	fs.StringVar(&o.Database, "database", "", "database (default: the URI's, else "+jobspec.DefaultDatabase+")")
	fs.BoolVar(&o.DryRun, "dry-run", false, "say what would be put back; change nothing")
	fs.DurationVar(&o.Timeout, "timeout", 0, "bound on connecting (0: 2m)")
	err := fs.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(out, "maint-job restore --run ID: put back what a run deleted or shortened; what was written since is left alone\n\n%s", fs.FlagUsages())
		return jobspec.ExitOK
	}
	if err == nil && *run == "" {
		err = errors.New("which run? maint-job restore --run ID, where ID is what the run's result calls \"run\"")
	}
	if err != nil {
		return complain(errs, err)
	}
	if err := readURI(&o, env); err != nil {
		fmt.Fprintln(errs, "maint-job:", err)
		return jobspec.ExitConfig
	}
	done, err := undo(ctx, o, *run, errs)
	if err != nil {
		fmt.Fprintln(errs, "maint-job:", err)
		return exitOf(ctx, err)
	}
	return printRestored(done, *run, out, errs)
}

// undo puts back under the lock, as any run that writes; a dry run takes none.
func undo(ctx context.Context, o jobspec.Options, run string, errs io.Writer) (journal.Restored, error) {
	db, err := mongodb.Connect(ctx, mongodb.Options{URI: o.MongoDBURI, Name: o.Database, Timeout: o.Timeout, Log: logger(o, errs)})
	if err != nil {
		return journal.Restored{}, err
	}
	defer db.Close(context.WithoutCancel(ctx))
	if o.DryRun {
		done, err := db.Reader().PreviewRestore(ctx, run)
		return done, because(ctx, err)
	}
	request := lock.Request{
		Scope: lock.DatabaseScope(db.Name()), Run: "restore of " + run, Task: "restore", Host: hostname(),
	}
	held, lease, err := db.Lock(ctx, request)
	if err != nil {
		return journal.Restored{}, err
	}
	defer lease.Release(ctx)
	done, err := lease.Writer().Restore(held, run)
	return done, because(held, err)
}

// because gives an error the reason for which the context ended, if it did.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return err
}

// exitOf is the exit code that goes with an error of undo.
func exitOf(ctx context.Context, err error) int {
	var uri *mongodb.URIError
	var held *lock.HeldError
	switch {
	case errors.As(err, &uri), mongodb.IsAuthentication(err):
		return jobspec.ExitConfig
	case errors.As(err, &held), mongodb.IsUnreachable(err), ctx.Err() != nil, errors.Is(err, mongodb.ErrLockLost):
		return jobspec.ExitTemporary
	}
	return jobspec.ExitInternal
}

func printRestored(done journal.Restored, run string, out, errs io.Writer) int {
	if done.Entries == 0 {
		fmt.Fprintf(errs, "maint-job: the journal has nothing of run %q: look up the run's name in its result\n", run)
		return jobspec.ExitConfig
	}
	fmt.Fprintf(out, "entries    %d\nput back   %d deleted, %d changed\nunchanged  %d\nconflicts  %d\n", done.Entries, done.Inserted, done.Replaced, done.Unchanged, done.Conflicts)
	for _, c := range done.Sample {
		fmt.Fprintln(out, "  written since, left alone:", c)
	}
	if done.Conflicts > 0 {
		return jobspec.ExitPartial
	}
	return jobspec.ExitOK
}
