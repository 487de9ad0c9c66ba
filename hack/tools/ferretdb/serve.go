package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/FerretDB/FerretDB/build/version"
	"github.com/FerretDB/FerretDB/internal/clientconn"
	"github.com/FerretDB/FerretDB/internal/clientconn/connmetrics"
	"github.com/FerretDB/FerretDB/internal/handler"
	"github.com/FerretDB/FerretDB/internal/handler/registry"
	"github.com/FerretDB/FerretDB/internal/util/password"
	"github.com/FerretDB/FerretDB/internal/util/state"
)

// serve is what the public package's New and Run do, with authentication where it is asked for.
func serve(ctx context.Context, o options) error {
	version.Get().Package, version.Get().Version = "embedded", ferretDBVersion()
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: o.logLevel}))
	metrics := connmetrics.NewListenerMetrics()
	h, closeBackend, err := newHandler(o, logger, metrics.ConnMetrics)
	if err != nil {
		return err
	}
	defer closeBackend()
	listener, err := clientconn.Listen(&clientconn.NewListenerOpts{
		TCP: o.listen, Mode: clientconn.NormalMode, Metrics: metrics, Handler: h, Logger: logger,
	})
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.listen, err)
	}
	if err := announce("mongodb://"+listener.TCPAddr().String()+"/", o.uriFile); err != nil {
		return err
	}
	listener.Run(ctx)
	return nil
}

// ferretDBVersion is that of the module in this binary: FerretDB itself knows it only where its own command was built.
func ferretDBVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/FerretDB/FerretDB" {
				return module.Version
			}
		}
	}
	return "unknown"
}

func newHandler(o options, logger *slog.Logger, metrics *connmetrics.ConnMetrics) (*handler.Handler, func(), error) {
	provider, err := state.NewProvider("") // in memory: nothing is kept between starts
	if err != nil {
		return nil, nil, fmt.Errorf("make the server's state: %w", err)
	}
	if err := provider.Update(func(s *state.State) { s.DisableTelemetry(); s.TelemetryLocked = true }); err != nil {
		return nil, nil, fmt.Errorf("turn telemetry off: %w", err)
	}
	opts := &registry.NewHandlerOpts{
		Logger: logger, ConnMetrics: metrics, StateProvider: provider, TCPHost: o.listen,
		PostgreSQLURL: o.postgreSQLURL, SQLiteURL: o.sqliteURL,
		TestOpts: registry.TestOpts{CappedCleanupPercentage: 10, BatchSize: 100}, // the public package's values
	}
	if o.username != "" {
		opts.EnableNewAuth = true
		opts.SetupDatabase, opts.SetupUsername = "admin", o.username
		opts.SetupPassword, opts.SetupTimeout = password.WrapPassword(o.password), 30*time.Second
	}
	h, closeBackend, err := registry.NewHandler(o.handler, opts)
	if err != nil {
		return nil, nil, fmt.Errorf("open the %s backend: %w", o.handler, err)
	}
	return h, closeBackend, nil
}

// announce prints the URI and writes it to the file, if one is named, so that a reader sees all of it or nothing.
func announce(uri, file string) error {
	fmt.Println(uri)
	if file == "" {
		return nil
	}
	if err := os.WriteFile(file+".tmp", []byte(uri+"\n"), 0o644); err != nil {
		return fmt.Errorf("write the URI: %w", err)
	}
	if err := os.Rename(file+".tmp", file); err != nil {
		return fmt.Errorf("write the URI: %w", err)
	}
	return nil
}
