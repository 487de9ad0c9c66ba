package main

import (
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/progress"
)

func logger(o jobspec.Options, errs io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(o.LogLevel)) // a wrong level is refused by Validate; until then it is info
	options := &slog.HandlerOptions{Level: level}
	if o.LogFormat == jobspec.LogJSON {
		return slog.New(slog.NewJSONHandler(errs, options))
	}
	return slog.New(slog.NewTextHandler(errs, options))
}

// watch shows progress as a bar where standard error is a terminal, else as log lines.
func watch(errs io.Writer, log *slog.Logger) *progress.Progress {
	out := progress.Output{Log: log, Now: time.Now}
	if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		out.Terminal = f
		out.Width, _, _ = term.GetSize(int(f.Fd()))
	}
	return progress.New(out)
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown host"
	}
	return name
}

// random tells this process from any other.
func random() string { return strings.ToLower(rand.Text()[:8]) }
