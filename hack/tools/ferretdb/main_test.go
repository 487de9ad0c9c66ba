package main

import (
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	mongooptions "go.mongodb.org/mongo-driver/mongo/options"
)

// TestMain lets the test's own binary stand in for the command.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_AS_FERRETDB") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestServer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()

	t.Run("keeps documents, and keeps them over a clean stop", func(t *testing.T) {
		insert := func(args ...string) int64 {
			uri, stop := start(t, dir, args...)
			defer stop()
			collection := connect(t, ctx, uri).Database("test").Collection("things")
			if _, err := collection.InsertOne(ctx, bson.M{"a": 1}); err != nil {
				t.Fatal(err)
			}
			n, err := collection.CountDocuments(ctx, bson.M{})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		insert()
		if n := insert(); n != 2 {
			t.Errorf("%d documents after two inserts with a restart between", n)
		}
	})

	t.Run("lets in the right password only, when one is set", func(t *testing.T) {
		uri, stop := start(t, t.TempDir(), "--username", "tester", "--password", "right")
		defer stop()
		for credentials, welcome := range map[string]bool{"tester:right": true, "tester:wrong": false, "other:right": false,
			"": false} {
			err := list(ctx, connect(t, ctx, strings.Replace(uri, "://", "://"+credentials+at(credentials), 1)))
			if (err == nil) != welcome {
				t.Errorf("credentials %q: %v", credentials, err)
			}
			if err != nil && !strings.Contains(strings.ToLower(err.Error()), "authentication") {
				t.Errorf("credentials %q: the error does not speak of authentication: %v", credentials, err)
			}
		}
	})
}

func TestEndsWithItsParent(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "uri")
	parent := exec.Command("sh", "-c", `"$0" "$@" & exec sleep 600`, os.Args[0], "--sqlite-url", "file:"+dir+"/",
		"--uri-file", file, "--exit-with-parent")
	parent.Env = append(os.Environ(), "RUN_AS_FERRETDB=1")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(awaitURI(t, file))
	if err != nil {
		t.Fatal(err)
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("the server still listens a minute after its parent was killed")
		}
	}
}

// start runs the command in this process until stop is called.
func start(t *testing.T, dir string, args ...string) (uri string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	file := filepath.Join(t.TempDir(), "uri")
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"--sqlite-url", "file:" + dir + "/", "--uri-file", file}, args...))
	}()
	return awaitURI(t, file), func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func awaitURI(t *testing.T, file string) string {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if data, err := os.ReadFile(file); err == nil {
			return strings.TrimSpace(string(data))
		}
	}
	t.Fatal("no URI after two minutes")
	return ""
}

func connect(t *testing.T, ctx context.Context, uri string) *mongo.Client {
	t.Helper()
	client, err := mongo.Connect(ctx, mongooptions.Client().ApplyURI(uri).SetServerSelectionTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client
}

func list(ctx context.Context, client *mongo.Client) error {
	_, err := client.ListDatabaseNames(ctx, bson.M{})
	return err
}

func at(credentials string) string {
	if credentials == "" {
		return ""
	}
	return "@"
}
