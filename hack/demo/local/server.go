package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// databaseName is the one that maint-job takes when nothing names another.
const databaseName = "ucorefs"

// startServer starts FerretDB on a free port of the loopback; its data is below dir. stop ends it and waits. The
// server is in a process group of its own, so that Ctrl-C reaches it after everybody who uses it.
func startServer(ctx context.Context, binary, dir string) (uri string, stop func(), err error) {
	cmd := exec.Command(binary, "--sqlite-url", "file:"+dir+"/", "--exit-with-parent", "--log-level", "error")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start FerretDB: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start FerretDB: %w", err)
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	unhook := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer unhook()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := strings.Index(lines.Text(), "mongodb://"); at >= 0 {
			return strings.TrimSpace(lines.Text()[at:]), stop, nil
		}
	}
	stop()
	return "", nil, errors.New("FerretDB ended before it accepted connections: see its log above")
}

// connect is the demo's own view of the database.
func connect(ctx context.Context, uri string) (*mongo.Database, func(), error) {
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(time.Minute))
	if err != nil {
		return nil, nil, fmt.Errorf("connect to FerretDB: %w", err)
	}
	return client.Database(databaseName), func() { _ = client.Disconnect(context.WithoutCancel(ctx)) }, nil
}
