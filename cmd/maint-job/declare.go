package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
)

const declareUsage = `maint-job declare --print=ucorefs > library.yaml

Prints a declaration of a library, to change and to give to maint-job run --library or to a ConfigMap.`

// declare prints a declaration.
func declare(args []string, out, errs io.Writer) int {
	fs := pflag.NewFlagSet("maint-job declare", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	named := fs.String("print", "", "print a built-in declaration: "+strings.Join(builtIn(), " or "))
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(out, "%s\n\n%s", declareUsage, fs.FlagUsages())
		return jobspec.ExitOK
	case err != nil:
		return complain(errs, fmt.Errorf("%w; maint-job declare --help shows all flags", err))
	}
	text, err := library.Text(*named)
	if err != nil {
		return complain(errs, fmt.Errorf("--print: %w", err))
	}
	out.Write(text)
	return jobspec.ExitOK
}
