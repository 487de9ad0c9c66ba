// Command seed fills a database with the demo's library, and recounts it.
//
//	seed [seed] [--mongodb-uri URI] [--database ucorefs] [--root DIR] [--wait 60s] [--force]
//	seed verify [--mongodb-uri URI] [--database ucorefs] [--wait 60s]
//
// Without --mongodb-uri it takes $MONGODB_URI. It touches no document but the demo's own. Its recount shares no code
// with maintenance: it is how the demo proves that maintenance was right.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

// Exit codes.
const (
	exitOK    = 0
	exitWrong = 1 // a counter is wrong, or the seeding did not succeed
	exitUsage = 64
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the command line.
type settings struct {
	verify        bool
	uri, database string
	root          string
	wait          time.Duration
	force         bool
	seed          int64
	show          int
}

func run(ctx context.Context, args []string, env func(string) string, out, errOut io.Writer) int {
	s, err := parse(args, env)
	if errors.Is(err, pflag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintln(errOut, "seed:", err)
		return exitUsage
	}
	command := seed
	if s.verify {
		command = verify
	}
	if err := command(ctx, s, out); err != nil {
		fmt.Fprintln(errOut, "seed:", err)
		return exitWrong
	}
	return exitOK
}

func parse(args []string, env func(string) string) (settings, error) {
	s := settings{uri: env("MONGODB_URI"), database: "ucorefs", wait: time.Minute, seed: 1}
	fs := pflag.NewFlagSet("seed", pflag.ContinueOnError)
	fs.StringVar(&s.uri, "mongodb-uri", s.uri, "connection string (default: $MONGODB_URI)")
	fs.StringVar(&s.database, "database", s.database, "database")
	fs.StringVar(&s.root, "root", s.root, "folder that gets the library's files; without it none are written")
	fs.DurationVar(&s.wait, "wait", s.wait, "how long to wait for the server")
	fs.BoolVar(&s.force, "force", s.force,
		"seed even a database that has file records: replaces those of an earlier seeding, keeps all others")
	fs.Int64Var(&s.seed, "seed", s.seed, "another number makes another library")
	fs.IntVar(&s.show, "show", 5, "verify: how many wrong counters of a kind to print")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	return s, s.check(fs.Args())
}

func (s *settings) check(words []string) error {
	switch {
	case len(words) > 1:
		return fmt.Errorf("%q is one word too many: use `seed` or `verify`", words[1])
	case len(words) == 1 && words[0] != "seed" && words[0] != "verify":
		return fmt.Errorf("unknown word %q: use `seed` or `verify`", words[0])
	}
	s.verify = len(words) == 1 && words[0] == "verify"
	if s.uri == "" {
		return errors.New("no database: give --mongodb-uri or set MONGODB_URI")
	}
	return nil
}
