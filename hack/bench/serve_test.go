package bench_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// pace is how fast a replay server answers.
type pace struct {
	name      string
	latency   time.Duration // of each command
	perSecond int           // documents that each cursor gives; 0: as fast as memory
}

var paces = []pace{
	{name: "memory"},
	{name: "200,000 per s and cursor", perSecond: 200_000},
	{name: "1 ms", latency: time.Millisecond},
}

const (
	// servedBy names the variable that makes a process of this test binary a server, with the library and the pace.
	servedBy = "BENCH_SERVE"
	replayed = "replay" // the database
)

// BenchmarkServer measures nothing: it is the server of BenchmarkReplay, in a process of its own, until its input ends.
func BenchmarkServer(b *testing.B) {
	var files, perSecond int
	var latency time.Duration
	if n, _ := fmt.Sscan(os.Getenv(servedBy), &files, (*int64)(&latency), &perSecond); n != 3 {
		return
	}
	o := strictmongo.Options{Form: strictmongo.ReplicaSet, Latency: latency, DocumentsPerSecond: perSecond}
	fmt.Printf("\n%s\n", plan(b, files).replayOn(b, o))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// replayOn starts a server with the library.
func (s *shelf) replayOn(tb testing.TB, o strictmongo.Options) (uri string) {
	tb.Helper()
	server := strictmongo.Start(tb, o)
	s.collections(func(name string, n int, doc func(int) bson.D) {
		server.Replay(tb, replayed, name, strictmongo.Replay{Documents: n, Document: doc})
	})
	return server.URI
}

// connectTo has the library be in the database of a replay server.
func (s *shelf) connectTo(tb testing.TB, uri string) {
	tb.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	s.Server = mongotest.Server{URI: uri, Name: replayed, DB: client.Database(replayed)}
}

// serve is a library of n files on a server of a pace.
func serve(b *testing.B, n int, p pace) *shelf {
	b.Helper()
	uri := startServer(b, "BenchmarkServer", servedBy, fmt.Sprint(n, " ", int64(p.latency), " ", p.perSecond))
	s := plan(b, n)
	s.connectTo(b, uri)
	return s
}

// startServer starts a benchmark of this test binary that is a server, with a variable that has a value.
func startServer(b *testing.B, benchmark, variable, setting string) (uri string) {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^"+benchmark+"$", "-test.benchtime=1x", "-test.timeout=0")
	cmd.Env = append(os.Environ(), variable+"="+setting)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "mongodb://") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return lines.Text()
		}
	}
	b.Fatal("the server ended without saying where it listens")
	return ""
}
