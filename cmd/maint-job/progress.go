package main

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"ucorefs.io/maintenance/pkg/progress"
)

// serveProgress lets whoever reaches the address read how far the run is, until stop is called. Where it cannot, the
// run goes on: nobody then knows how far.
func serveProgress(address string, seen *progress.Progress, log *slog.Logger) (stop func()) {
	if address == "" {
		return func() {}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Warn("the progress is not served", "address", address, "error", err)
		return func() {}
	}
	server := &http.Server{Handler: seen, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second,
		MaxHeaderBytes: 4096,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go func() { _ = server.Serve(listener) }() // it always ends with an error
	return func() { _ = server.Close() }
}
