// Package server serves the dashboard over HTTP: limits that a slow or careless client cannot exceed, streams that
// last, and an end that waits for what is being done. It must not know who the visitor is or what is served.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 30 * time.Second // for a whole body
	writeTimeout  = 30 * time.Second // for each write, so that a stream may last
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	// grace is how long requests may go on when the server ends; streams are then cut, and what is left has as long again.
	grace = 3 * time.Second
)

// Serve answers on the listener until ctx is done, over TLS if tlsConfig is not nil. It returns nil if it ended because
// of ctx.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, tlsConfig *tls.Config,
	log *slog.Logger) error {
	lasting, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler:           limited(handler),
		TLSConfig:         tlsConfig,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return lasting },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(server, listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	return shutDown(server, cut)
}

// serve speaks HTTP/1.1 only, as the controller's metrics do: a client that opens and resets streams of HTTP/2 costs
// the server more than itself (CVE-2023-44487).
func serve(server *http.Server, listener net.Listener) error {
	server.Protocols = &http.Protocols{}
	server.Protocols.SetHTTP1(true)
	if server.TLSConfig != nil {
		return server.ServeTLS(listener, "", "")
	}
	return server.Serve(listener)
}

func shutDown(server *http.Server, cut context.CancelFunc) error {
	timer := time.AfterFunc(grace, cut)
	defer timer.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 2*grace)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// limited gives a body and each write a time of their own. The timeouts of http.Server would end every stream.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection := http.NewResponseController(w)
		if r.ContentLength != 0 {
			_ = connection.SetReadDeadline(time.Now().Add(bodyTimeout)) // a connection that cannot is closed by its client
		}
		if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			w.Header().Set("X-Accel-Buffering", "no") // nginx would hold a stream back
		}
		next.ServeHTTP(&writer{w, connection}, r)
	})
}

// writer moves the deadline on with each write.
type writer struct {
	http.ResponseWriter
	connection *http.ResponseController
}

// Write ends with an error if the client does not take what is written within writeTimeout.
func (w *writer) Write(p []byte) (int, error) {
	_ = w.connection.SetWriteDeadline(time.Now().Add(writeTimeout))
	return w.ResponseWriter.Write(p)
}

// Flush sends what is written.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *writer) FlushError() error {
	_ = w.connection.SetWriteDeadline(time.Now().Add(writeTimeout))
	return w.connection.Flush()
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
