package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/declare"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
)

const declareUsage = `maint-job declare [flags] > library.yaml

Guesses a declaration for a database that nobody has described: which fields hold ids of which collection, and which numbers are
counters. It only reads. Each guess has its evidence beside it. With --print it prints a declaration that is built in.
The declaration is for maint-job run --library, or for a ConfigMap under the key library.yaml.`

// declareFlags are those of maint-job declare.
func declareFlags(o *jobspec.Options) (fs *pflag.FlagSet, print *string, sample *int) {
	fs = pflag.NewFlagSet("maint-job declare", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	print = fs.String("print", "", "print a declaration that is built in: "+strings.Join(builtIn(), " or "))
	sample = fs.Int("sample", 200, "documents of each collection to look at")
	addConnectionFlags(fs, o)
	return fs, print, sample
}

// declareLibrary prints a declaration: one that is built in, or a guess.
func declareLibrary(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	o := jobspec.Defaults()
	fs, print, sample := declareFlags(&o)
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(out, "%s\n\n%s", declareUsage, fs.FlagUsages())
		return jobspec.ExitOK
	case err != nil:
		return complain(errs, fmt.Errorf("%w; maint-job declare --help shows all flags", err))
	case fs.NArg() > 0:
		return complain(errs, fmt.Errorf("%s is one too many: maint-job declare takes flags only", strings.Join(fs.Args(), " ")))
	case *sample < 1:
		return complain(errs, fmt.Errorf("--sample=%d: use 1 or more", *sample))
	}
	if fs.Changed("print") {
		text, err := library.Text(*print)
		if err != nil {
			return complain(errs, fmt.Errorf("--print: %w", err))
		}
		out.Write(text)
		return jobspec.ExitOK
	}
	text, err := guess(ctx, o, env, *sample, errs)
	if err != nil {
		fmt.Fprintln(errs, "maint-job:", err)
		return exitOfReading(ctx, err)
	}
	out.Write(text)
	return jobspec.ExitOK
}

// guess is the declaration of a database as far as it can be seen.
func guess(ctx context.Context, o jobspec.Options, env func(string) string, sample int, errs io.Writer) ([]byte, error) {
	db, err := connect(ctx, &o, env, errs)
	if err != nil {
		return nil, err
	}
	defer closeSoon(ctx, db)
	names, err := db.Reader().Collections(ctx)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, &configError{fmt.Errorf("the database %q has no collections: name the right one with --database", db.Name())}
	}
	facts, err := declare.Gather(ctx, db.Reader(), names, sample)
	if err != nil {
		return nil, err
	}
	return declare.Write(facts, declare.References(facts), declare.Counters(facts)), nil
}
