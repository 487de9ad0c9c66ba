// Package apiproxy is a way to a Kubernetes API server on which a test makes things go wrong: a reverse proxy on
// loopback, with TLS on both sides. What it loses is lost on the wire: a connection is cut before the server heard of a
// request, after it did what it was asked, or in the middle of its answer.
//
// Clients speak HTTP/1.1 to it, so that a request that is cut takes no other one with it. It has the rights of the
// configuration that it was started with, and gives them to each client. It must not be linked by anything that ships.
package apiproxy

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
)

// patience is how long Return waits for its port.
const patience = time.Minute

// Proxy leads to one API server.
type Proxy struct {
	address   string
	authority []byte // in PEM, which its certificate is of
	server    *http.Server
	forward   *httputil.ReverseProxy

	mu          sync.Mutex
	judge       func(*http.Request) Fault
	listener    net.Listener // nil while the server is away
	connections map[net.Conn]bool
	gates       map[string]*gate // by resource, such as "pods"
}

// Start starts a proxy to the API server of the configuration, until the test ends. At first everything passes.
func Start(t testing.TB, to *rest.Config) *Proxy {
	t.Helper()
	target, _, err := rest.DefaultServerUrlFor(to)
	if err != nil {
		t.Fatalf("find the API server: %v", err)
	}
	transport, err := rest.TransportFor(to)
	if err != nil {
		t.Fatalf("reach the API server: %v", err)
	}
	certificate, authority, err := newCertificate()
	if err != nil {
		t.Fatalf("make a certificate: %v", err)
	}
	p := &Proxy{address: "127.0.0.1:0", authority: authority, connections: map[net.Conn]bool{}, gates: map[string]*gate{}}
	p.forward = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host}) },
		// Each byte is passed on at once, as watches need it.
		FlushInterval:  -1,
		Transport:      transport,
		ModifyResponse: p.holdWatch,
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, _ error) { cut(w) },
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	p.server = &http.Server{Handler: p, ConnState: p.know, ErrorLog: p.forward.ErrorLog,
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{certificate}},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}} // HTTP/1.1
	p.Return(t)
	t.Cleanup(p.stop)
	return p
}

func (p *Proxy) stop() {
	p.Leave()
	_ = p.server.Close()
}

// Config leads a client through the proxy.
func (p *Proxy) Config() *rest.Config {
	return &rest.Config{Host: "https://" + p.address, QPS: -1, TLSClientConfig: rest.TLSClientConfig{CAData: p.authority}}
}

// Judge has the function say what becomes of each request from now on; nil: everything passes. It is called by several
// requests at once.
func (p *Proxy) Judge(judge func(*http.Request) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// Leave cuts every connection and refuses new ones until Return, as if the server were away.
func (p *Proxy) Leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.cutAll()
}

// Return lets connections through again, at the address of before.
func (p *Proxy) Return(t testing.TB) {
	t.Helper()
	var listener net.Listener
	listen := func(context.Context) (bool, error) {
		var err error
		listener, err = net.Listen("tcp", p.address) // another program may have the port for a moment
		return err == nil, nil
	}
	err := wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, patience, true, listen)
	if err != nil {
		t.Fatalf("listen at %s: %v", p.address, err)
	}
	p.mu.Lock()
	p.listener, p.address = listener, listener.Addr().String()
	p.mu.Unlock()
	go func() { _ = p.server.ServeTLS(listener, "", "") }()
}

// Cut cuts every connection, watches among them.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutAll()
}

func (p *Proxy) cutAll() {
	for c := range p.connections {
		_ = c.Close()
	}
}

// know keeps the connections that are open. While the server is away there are none.
func (p *Proxy) know(c net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case state == http.StateClosed || state == http.StateHijacked:
		delete(p.connections, c)
	case p.listener == nil:
		_ = c.Close()
	default:
		p.connections[c] = true
	}
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := p.faultOf(r)
	switch {
	case fault == None:
		p.forward.ServeHTTP(w, r)
	case fault == LostBefore || fault < None && IsWatch(r): // a watch that nobody hears has no end
		cut(w)
	case fault == LostAfter || fault == Torn:
		answer := httptest.NewRecorder()
		p.forward.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context()))) // whatever the client does now
		if fault == Torn {
			half(w, answer)
		}
		cut(w)
	default:
		refuse(w, int(fault))
	}
}

func (p *Proxy) faultOf(r *http.Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return LostBefore
	}
	if p.judge == nil {
		return None
	}
	return p.judge(r)
}

// IsWatch tells whether a request is for a watch.
func IsWatch(r *http.Request) bool {
	watch := r.URL.Query().Get("watch")
	return watch == "true" || watch == "1"
}

// resourceOf is what a list or a watch is of.
func resourceOf(r *http.Request) string { return path.Base(r.URL.Path) }
