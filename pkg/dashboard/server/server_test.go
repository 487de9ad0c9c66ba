package server

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// A stream reaches its reader while it lasts, and the end of the server ends it without an error.
func TestAStreamLastsUntilTheServerEnds(t *testing.T) {
	stream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "data: 1\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("flush: %v", err)
		}
		<-r.Context().Done()
		io.WriteString(w, "data: bye\n")
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listener, ended := listen(t), make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, stream, nil, slog.New(slog.DiscardHandler)) }()
	answer, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	if line, err := lines.ReadString('\n'); line != "data: 1\n" {
		t.Fatalf("%q, %v", line, err)
	}
	cancel()
	if rest, err := io.ReadAll(lines); string(rest) != "data: bye\n" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// Each write has a deadline of its own, and a handler cannot write for ever to a client that reads nothing.
func TestAWriteHasADeadline(t *testing.T) {
	var deadlines []time.Time
	w := &recorder{header: http.Header{}, deadline: func(d time.Time) { deadlines = append(deadlines, d) }}
	limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "1")
		http.NewResponseController(w).Flush()
		io.WriteString(w, "2")
	})).ServeHTTP(w, &http.Request{})
	if len(deadlines) != 3 || w.flushed != 1 || w.written != "12" {
		t.Errorf("%d deadlines, %d flushes, %q", len(deadlines), w.flushed, w.written)
	}
}

type recorder struct {
	header   http.Header
	written  string
	flushed  int
	deadline func(time.Time)
}

func (r *recorder) Header() http.Header                { return r.header }
func (r *recorder) WriteHeader(int)                    {}
func (r *recorder) Write(p []byte) (int, error)        { r.written += string(p); return len(p), nil }
func (r *recorder) Flush()                             { r.flushed++ }
func (r *recorder) SetWriteDeadline(d time.Time) error { r.deadline(d); return nil }

// A renewed certificate is served without a restart; one that cannot be read leaves the old one.
func TestARenewedCertificateIsServed(t *testing.T) {
	folder := t.TempDir()
	if _, err := LoadCertificate(folder); err == nil {
		t.Error("an empty folder is taken")
	}
	write(t, folder, 1)
	certificate, err := LoadCertificate(folder)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listener := listen(t)
	go Serve(ctx, listener, http.NotFoundHandler(), certificate.Config(), slog.New(slog.DiscardHandler))
	served := func() int64 {
		c, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2",
			"http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if c.ConnectionState().NegotiatedProtocol == "h2" {
			t.Error("it speaks HTTP/2")
		}
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if n := served(); n != 1 {
		t.Errorf("it serves certificate %d", n)
	}
	write(t, folder, 2)
	if n := served(); n != 2 {
		t.Errorf("after the renewal it serves certificate %d", n)
	}
	if err := os.Remove(filepath.Join(folder, "tls.crt")); err != nil {
		t.Fatal(err)
	}
	if n := served(); n != 2 {
		t.Errorf("without files it serves certificate %d", n)
	}
}

// write makes a certificate with a number, from a time of its own.
func write(t *testing.T, folder string, number int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(number), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der},
		"tls.key": {Type: "PRIVATE KEY", Bytes: private}} {
		path := filepath.Join(folder, file)
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Unix(1e9+number, 0)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
}
