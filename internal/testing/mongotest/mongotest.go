// Package mongotest gives tests a real MongoDB-compatible server: one FerretDB process for each test binary, and a
// fresh database for each test. It must not be linked by anything that ships.
package mongotest

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Tool is the path of a built tool, as tooltest.Path says.
func Tool(t testing.TB, name string) string {
	t.Helper()
	return tooltest.Path(t, name)
}

// shared is this process's server; --exit-with-parent ends it with the test binary.
var shared struct {
	once sync.Once
	uri  string
	err  error
}

// Start is the connection string of this process's server, without a database. It is FerretDB, or, where the
// environment's MONGOTEST_FORM names a form of strictmongo, such a server of the test's own, or that of
// MONGOTEST_URI. Where it is "every", the test's name chooses the form: the many libraries of an oracle meet them all.
func Start(t testing.TB) string {
	t.Helper()
	if uri := os.Getenv(uriVariable); uri != "" {
		return foreign(t, uri)
	}
	if name := os.Getenv(formVariable); name != "" {
		return startForm(t, formNamed(t, name))
	}
	binary := Tool(t, "ferretdb")
	shared.once.Do(func() { shared.uri, shared.err = start(binary) })
	if shared.err != nil {
		t.Fatalf("start FerretDB: %v", shared.err)
	}
	return shared.uri
}

// formVariable names a form of strictmongo, or is everyForm.
const formVariable, everyForm = "MONGOTEST_FORM", "every"

// startForm is the connection string of a strict server, as its owner would write it. A test that fails names the form.
func startForm(t testing.TB, form strictmongo.Form) string {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server is of the form %s=%q", formVariable, form)
		}
	})
	uri := strictmongo.Start(t, strictmongo.Options{Form: form}).URI
	if form == strictmongo.DocumentDB {
		uri += "?retryWrites=false"
	}
	return uri
}

// InMemory tells whether Start is a server in memory, which takes many more libraries in the same time than
// FerretDB does.
func InMemory() bool { return os.Getenv(formVariable) != "" }

// formNamed is the form that a text names, for a test.
func formNamed(t testing.TB, name string) strictmongo.Form {
	t.Helper()
	if name == everyForm {
		h := fnv.New32a()
		_, _ = h.Write([]byte(t.Name()))
		return strictmongo.Forms[h.Sum32()%uint32(len(strictmongo.Forms))]
	}
	for _, form := range strictmongo.Forms {
		if form.String() == name {
			return form
		}
	}
	t.Fatalf("%s: there is no form %q of %v", formVariable, name, strictmongo.Forms)
	return 0
}

// StartSecured is a server of the test's own that wants this user and password. The connection string that comes
// back names neither.
func StartSecured(t testing.TB, user, password string) string {
	t.Helper()
	uri, err := start(Tool(t, "ferretdb"), "--username", user, "--password", password)
	if err != nil {
		t.Fatalf("start FerretDB with authentication: %v", err)
	}
	return uri
}

// start runs a server and reads its connection string from the first line that it prints.
func start(binary string, args ...string) (string, error) {
	args = append(args, "--handler", backend(), "--listen", "127.0.0.1:0", "--exit-with-parent", "--log-level", "error")
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "GOGC=400") // less work for more memory, of which its small databases take little
	cmd.Dir = os.TempDir()
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := strings.Index(lines.Text(), "mongodb://"); at >= 0 {
			return strings.TrimSpace(lines.Text()[at:]), nil
		}
	}
	return "", fmt.Errorf("it ended without saying where it listens: %v", cmd.Wait())
}

// backend is where FerretDB keeps the data: sqlite, or what the environment's FERRETDB_HANDLER says.
func backend() string { return cmp.Or(os.Getenv("FERRETDB_HANDLER"), "sqlite") }

// InPostgreSQL tells whether Start is a FerretDB that keeps its data in PostgreSQL.
func InPostgreSQL() bool { return !IsForeign() && !InMemory() && backend() == "postgresql" }

// Server is a fresh database, seen by a test and by the product.
type Server struct {
	URI  string
	Name string
	// DB is the driver's view, for what a test writes and reads behind the product's back.
	DB *mongo.Database
}

// New is a fresh database on the shared server, dropped when the test ends.
func New(t testing.TB) Server {
	t.Helper()
	return At(t, Start(t))
}

// At is a fresh database on the server of a connection string, dropped when the test ends. Nothing is done where there
// is one of that name.
func At(t testing.TB, uri string) Server {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	s := Server{URI: uri, Name: "t" + bson.NewObjectID().Hex()}
	s.DB = client.Database(s.Name)
	if IsForeign() {
		isEmpty(t, s.DB)
	}
	t.Cleanup(func() {
		_ = s.DB.Drop(context.Background())
		_ = client.Disconnect(context.Background())
	})
	return s
}

// Connect is the product's view of the database; monitor sees every command, nil sees none.
func (s Server) Connect(t testing.TB, monitor func(connection.Command)) *mongodb.Database {
	t.Helper()
	d, err := mongodb.Connect(t.Context(), connection.Options{URI: s.URI, Name: s.Name, Monitor: monitor})
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = d.Close(context.Background()) })
	return d
}

// Writer is a writer to the database, under a lock of its own.
func (s Server) Writer(t testing.TB) *mongodb.Writer {
	t.Helper()
	return Writer(t, s.Connect(t, nil))
}

// Writer is a writer to d's database. It holds a real exclusive lock until the test ends, in a scope of its own, so
// that any number of writers may be there at a time.
func Writer(t testing.TB, d *mongodb.Database) *mongodb.Writer {
	t.Helper()
	request := lock.Request{Scope: "test " + bson.NewObjectID().Hex(), Run: "test", Task: t.Name(), Host: "here"}
	_, lease, err := d.Lock(t.Context(), request)
	if err != nil {
		t.Fatalf("take a lock: %v", err)
	}
	t.Cleanup(func() { lease.Release(context.Background()) })
	return lease.Writer()
}

// Locking are the commands that take, renew, look at and release locks. A held lock is renewed on a goroutine of its
// own, so that a monitor which is not safe for that passes over them first.
func Locking(c connection.Command) bool {
	collection, _ := c.Document.Lookup(c.Name).StringValueOK()
	return c.Name == "hello" || collection == mongodb.LocksCollection
}

// Entering are the commands by which a run enters the journal, which each run does that holds the lock alone.
func Entering(c connection.Command) bool {
	if collection, _ := c.Document.Lookup(c.Name).StringValueOK(); collection != mongodb.JournalCollection {
		return false
	}
	head, _ := c.Document.Lookup("documents", "0", "head").BooleanOK()
	return c.Name == "createIndexes" || head
}

// Writes are the commands that change something.
func Writes(c connection.Command) bool {
	switch c.Name {
	case "insert", "update", "delete", "findAndModify", "findandmodify", "bulkWrite", "create", "createIndexes", "drop",
		"dropIndexes", "dropDatabase", "compact", "collMod", "renameCollection":
		return true
	}
	return false
}

// Documents are all documents of a collection as they are stored, byte by byte, by the string form of their _id.
func (s Server) Documents(t testing.TB, collection string) map[string]bson.Raw {
	t.Helper()
	cursor, err := s.DB.Collection(collection).Find(t.Context(), bson.D{})
	if err != nil {
		t.Fatalf("read %s: %v", collection, err)
	}
	var raws []bson.Raw
	if err := cursor.All(t.Context(), &raws); err != nil {
		t.Fatalf("read %s: %v", collection, err)
	}
	documents := make(map[string]bson.Raw, len(raws))
	for _, raw := range raws {
		documents[raw.Lookup("_id").String()] = raw
	}
	return documents
}
