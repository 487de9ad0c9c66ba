// Command ferretdb runs FerretDB 1.24, which speaks MongoDB's wire protocol and keeps its data in SQLite or
// PostgreSQL, for tests:
//
//	ferretdb [--sqlite-url file:DIR/] [--listen 127.0.0.1:0] [--uri-file PATH] [--exit-with-parent]
//	ferretdb --handler postgresql [--postgresql-url postgres://USER@HOST:5432/DATABASE]
//
// Once it accepts connections it prints its URI, mongodb://127.0.0.1:PORT/, and writes it to the file named by
// --uri-file. It stops on SIGTERM and SIGINT, and with --exit-with-parent when the process that started it ends.
// DIR is made if it is missing. Without --sqlite-url the data lives in a directory of its own, in memory where the
// machine has room for it, which is removed when the server stops. SQLite's own file:DIR/?mode=memory is refused: with
// it a single update command of a few dozen operations hangs, and every other client with it. Without --postgresql-url
// it starts a PostgreSQL of its own in such a directory, from the machine's packages.
//
// With --username and --password (or FERRETDB_PASSWORD) clients must authenticate, by SCRAM-SHA-256 or SCRAM-SHA-1
// against the database admin. The user is made at the first start on new data; the URI never names it. Without
// them, FerretDB's usual behaviour: a client that gives no credentials is let in, one that gives any is refused.
//
// It sends no telemetry. Its log goes to standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

// options are the command line.
type options struct {
	listen, uriFile          string
	handler                  string
	sqliteURL, postgreSQLURL string
	username, password       string
	logLevel                 slog.Level
	exitWithParent           bool
}

func main() {
	runtime.LockOSThread() // the parent's death is signalled only while the thread that asked for it lives
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	o := parse(args)
	if err := o.check(); err != nil {
		return err
	}
	if o.exitWithParent {
		if err := exitWithParent(); err != nil {
			return err
		}
	}
	if o.sqliteURL == "" && o.postgreSQLURL == "" {
		remove, err := o.temporaryBackend(ctx)
		if err != nil {
			return err
		}
		defer remove()
	}
	if err := o.makeDirectory(); err != nil {
		return err
	}
	return serve(ctx, o)
}

func parse(args []string) options {
	o := options{logLevel: slog.LevelWarn}
	flags := flag.NewFlagSet("ferretdb", flag.ExitOnError)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "address to listen on; port 0 picks a free one")
	flags.StringVar(&o.uriFile, "uri-file", "", "file to write the URI to once connections are accepted")
	flags.StringVar(&o.handler, "handler", "sqlite", "where the data is kept: sqlite or postgresql")
	flags.StringVar(&o.sqliteURL, "sqlite-url", "",
		"file:DIR/, the directory of the SQLite databases (default: a temporary one)")
	flags.StringVar(&o.postgreSQLURL, "postgresql-url", "", "the PostgreSQL database (default: a server of its own)")
	flags.StringVar(&o.username, "username", "", "require authentication, as this user")
	flags.StringVar(&o.password, "password", os.Getenv("FERRETDB_PASSWORD"), "that user's password")
	flags.TextVar(&o.logLevel, "log-level", o.logLevel, "debug, info, warn or error")
	flags.BoolVar(&o.exitWithParent, "exit-with-parent", false, "end when the process that started this one ends")
	_ = flags.Parse(args)
	return o
}

func (o options) check() error {
	switch {
	case strings.Contains(o.sqliteURL, "mode=memory"):
		return errors.New("--sqlite-url with mode=memory hangs on updates: leave the flag out for data that goes with the " +
			"server")
	case o.username != "" && o.password == "":
		return errors.New("--username needs a password: --password or FERRETDB_PASSWORD")
	}
	return nil
}

// temporaryBackend fills in where the data is, for data that goes with this process.
func (o *options) temporaryBackend(ctx context.Context) (remove func(), err error) {
	dir, err := temporary()
	if err != nil {
		return nil, err
	}
	removeDir := func() { _ = os.RemoveAll(dir) }
	if o.handler == "sqlite" {
		o.sqliteURL = "file:" + dir + "/"
		return removeDir, nil
	}
	server, err := startPostgreSQL(ctx, dir)
	if err != nil {
		removeDir()
		return nil, err
	}
	o.postgreSQLURL = server.url()
	return func() { server.stop(); removeDir() }, nil
}

// temporary makes a directory for data that nobody keeps: in shared memory if a GiB is free there, since SQLite waits
// for the disk at every write.
func temporary() (string, error) {
	const shared = "/dev/shm"
	parent := os.TempDir()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shared, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) > 1<<30 {
		parent = shared
	}
	return os.MkdirTemp(parent, "ferretdb-")
}

// makeDirectory makes the directory of a SQLite URL, which FerretDB insists on.
func (o options) makeDirectory() error {
	if o.handler != "sqlite" {
		return nil
	}
	u, err := url.Parse(o.sqliteURL)
	if err != nil {
		return fmt.Errorf("parse --sqlite-url: %w", err)
	}
	dir := u.Path
	if u.Opaque != "" {
		dir = u.Opaque // file:relative/
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return nil
}

// exitWithParent asks the kernel for a SIGTERM when the parent ends, and makes sure that it has not already.
func exitWithParent() error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM),
		0); errno != 0 {
		return fmt.Errorf("ask for the parent's death: %w", errno)
	}
	if os.Getppid() == 1 {
		return errors.New("the parent process has ended already")
	}
	return nil
}
