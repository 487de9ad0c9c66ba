package dashboard

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// proxy stands before an API server and can cut it off: connections that exist end, and new ones are closed at once.
type proxy struct {
	config *rest.Config

	mu    sync.Mutex
	away  bool
	conns map[net.Conn]bool
}

func newProxy(t *testing.T, to *rest.Config) *proxy {
	t.Helper()
	server, err := url.Parse(to.Host)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{config: rest.CopyConfig(to), conns: map[net.Conn]bool{}}
	p.config.Host = "https://" + listener.Addr().String()
	t.Cleanup(func() { listener.Close(); p.set(true) })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go p.pass(c, server.Host)
		}
	}()
	return p
}

func (p *proxy) pass(c net.Conn, server string) {
	defer c.Close()
	if !p.hold(c) {
		return
	}
	s, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer s.Close()
	go func() { _, _ = io.Copy(s, c); s.Close() }()
	_, _ = io.Copy(c, s)
}

func (p *proxy) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
	return !p.away
}

// set cuts the API server off, or lets it be reached again.
func (p *proxy) set(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}
