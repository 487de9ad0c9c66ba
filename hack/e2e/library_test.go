package e2e

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// serveLibrary is the variable with the address at which this program, which is then no test, serves a library. It does
// so within the cluster, where pods reach it.
const serveLibrary = "SERVE_LIBRARY"

const (
	libraryAddress  = "10.244.0.1:27500" // of the node
	libraryDatabase = "shared"
	libraryFiles    = 160
)

// serve serves a library whose collections seem large, as slowly as pods start, and prints the holder of each range
// that the processes of a run claim. Once it is told anything, it does not take its time any more.
func serve(address string) {
	server := strictmongo.Start(outside{}, strictmongo.Options{EstimateTimes: 10_000, DocumentsPerSecond: 10})
	client, err := mongo.Connect(options.Client().ApplyURI(server.URI))
	if err != nil {
		log.Fatal(err)
	}
	library := librarytest.GenerateWith(7, librarytest.Options{
		Layout: librarytest.UCoreFS, Prefix: "/library", Roots: 1, Directories: 10, Files: libraryFiles, Tags: 10, Albums: 4,
		Drift: 1,
	})
	if err := library.Insert(context.Background(), client.Database(libraryDatabase)); err != nil {
		log.Fatal(err)
	}
	server.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		if holder, ok := c.Body.Lookup("documents", "0", "holder").StringValueOK(); ok && c.Name == "insert" {
			fmt.Println(holder)
		}
		return nil
	})
	go func() {
		if _, err := os.Stdin.Read(make([]byte, 1)); err == nil {
			server.Hurry()
		}
	}()
	relay(address, strings.Trim(strings.TrimPrefix(server.URI, "mongodb://"), "/"))
}

// relay leads all connections to another address.
func relay(address, to string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("serving")
	for {
		from, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		there, err := net.Dial("tcp", to)
		if err != nil {
			log.Fatal(err)
		}
		for _, way := range [][2]net.Conn{{from, there}, {there, from}} {
			go func() {
				_, _ = io.Copy(way[0], way[1])
				_ = way[0].Close()
			}()
		}
	}
}

// outside is a test for what wants one where there is none.
type outside struct{ testing.TB }

func (outside) Helper()                           {}
func (outside) Cleanup(func())                    {}
func (outside) Fatalf(format string, args ...any) { log.Fatalf(format, args...) }

// startLibrary has this program serve a library within the cluster until the test ends, and gives what it prints and
// what to write to for it to hurry.
func startLibrary(t *testing.T) (<-chan string, io.Writer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := inCluster(t, "env", serveLibrary+"="+libraryAddress, self)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := linesOf(out)
	if first := <-lines; first != "serving" {
		t.Fatalf("the library is not served: %q", first)
	}
	return lines, in
}

func clusterDir() string { return filepath.Dir(kubeconfig) }
