package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// postgreSQL is a server of this program's own, in a directory that goes with it. It listens on a Unix socket only.
type postgreSQL struct {
	dir     string
	process *exec.Cmd
	ended   chan error
}

// startPostgreSQL makes a cluster in dir and starts a server on it. PostgreSQL refuses to run as root, so that there it
// runs as the user postgres, which its package made.
func startPostgreSQL(ctx context.Context, dir string) (*postgreSQL, error) {
	bin, err := postgreSQLPrograms()
	if err != nil {
		return nil, err
	}
	attributes, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", data, "--username=postgres",
		"--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, attributes
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	p := &postgreSQL{dir: dir, ended: make(chan error, 1)}
	p.process = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c",
		"fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c",
		"shared_buffers=64MB", "-c", "dynamic_shared_memory_type=mmap", "-c", "logging_collector=off", "-c",
		"log_min_messages=fatal")
	p.process.Dir, p.process.SysProcAttr, p.process.Stderr = dir, attributes, os.Stderr
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	go func() { p.ended <- p.process.Wait() }()
	return p, p.ready(ctx)
}

// ready waits until the server accepts connections: its lock file then says so.
func (p *postgreSQL) ready(ctx context.Context) error {
	deadline := time.After(2 * time.Minute)
	for {
		if status, _ := os.ReadFile(filepath.Join(p.dir, "data", "postmaster.pid")); bytes.Contains(status,
			[]byte("\nready")) {
			return nil
		}
		select {
		case err := <-p.ended:
			return fmt.Errorf("PostgreSQL ended at once: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return errors.New("PostgreSQL was not ready within two minutes")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// url is how FerretDB connects to it.
func (p *postgreSQL) url() string {
	return "postgres://postgres@/postgres?host=" + url.QueryEscape(p.dir)
}

// stop ends the server at once: nobody needs its data.
func (p *postgreSQL) stop() {
	_ = p.process.Process.Signal(syscall.SIGQUIT)
	<-p.ended
}

// postgreSQLPrograms is the folder of the newest installed version, as Debian lays them out.
func postgreSQLPrograms() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	if len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed: apt-get install postgresql")
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// unprivileged is how to start PostgreSQL's programs, which then own dir; they end when this process does.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Geteuid() != 0 {
		return a, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root: %w", err)
	}
	uid, _ := strconv.Atoi(u.Uid) // numbers, on every Unix
	gid, _ := strconv.Atoi(u.Gid)
	a.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return a, os.Chown(dir, uid, gid)
}
