package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// job runs maint-job on the demo's library.
type job struct {
	binary, uri string
	folders     folders
}

// result is what the demo reads of maint-job's JSON.
type result struct {
	Run        string           `json:"run"`
	Outcome    string           `json:"outcome"`
	Message    string           `json:"message"`
	DryRun     bool             `json:"dryRun"`
	Counts     map[string]int64 `json:"counts"`
	PlanDigest string           `json:"planDigest"`

	took time.Duration // of the process, its start included
}

// sum adds up the counts whose names match one of the patterns.
func (r result) sum(patterns []string) (n int64) {
	for name, count := range r.Counts {
		matches := func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok }
		if slices.ContainsFunc(patterns, matches) {
			n += count
		}
	}
	return n
}

// sentence is the message, without what the demo says itself.
func (r result) sentence() string {
	return strings.TrimPrefix(strings.TrimPrefix(r.Message, "planned, and nothing was changed: "), "done: ")
}

// do runs one command and reads its result. Any outcome but Succeeded is an error, except that a plan may be Refused
// for exceeding the deletion caps: its result has the digest by which that very plan may be allowed.
func (j job) do(ctx context.Context, args []string) (result, error) {
	began := time.Now()
	out, err := j.start(ctx, append(slices.Clone(args), "--output", "json"))
	var r result
	if json.Unmarshal(out, &r) != nil || r.Outcome == "" {
		return r, fmt.Errorf("maint-job %s gave no result: %w", strings.Join(args, " "), err)
	}
	r.took = time.Since(began)
	if r.Outcome == "Succeeded" || r.Outcome == "Refused" && r.DryRun && r.PlanDigest != "" {
		return r, nil
	}
	return r, fmt.Errorf("maint-job %s: %s: %s", strings.Join(args, " "), r.Outcome, r.Message)
}

// start gives what the command wrote to its standard output. Cancelled, maint-job is asked to stop and has time to.
func (j job) start(ctx context.Context, args []string) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, j.binary, args...)
	cmd.Env = append(os.Environ(), "MONGODB_URI="+j.uri)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return out.Bytes(), fmt.Errorf("maint-job %s: %w\n%s%s", strings.Join(args, " "), err, &out, &errs)
	}
	if err != nil {
		return nil, fmt.Errorf("start maint-job: %w", err)
	}
	return out.Bytes(), nil
}

// paths are the flags that name the folders of these kinds.
func (j job) paths(kinds ...string) (flags []string) {
	all := map[string][]string{
		"library": {"--library-root", j.folders.library}, "cache": {"--cache-dir", j.folders.cache},
		"logs": {"--log-dir", j.folders.logs}, "indexes": {"--index-dir", j.folders.indexes},
	}
	for _, kind := range kinds {
		flags = append(flags, all[kind]...)
	}
	return flags
}
