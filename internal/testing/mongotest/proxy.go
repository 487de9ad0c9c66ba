package mongotest

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Proxy is a way to a server that a test can cut, as when the server restarts or the network fails.
type Proxy struct {
	URI string // of the server, through the proxy

	mu          sync.Mutex
	away        bool
	connections map[net.Conn]bool
}

// NewProxy leads to the server of a connection string of Start, until the test ends.
func NewProxy(t testing.TB, uri string) *Proxy {
	t.Helper()
	target := strings.TrimPrefix(strings.SplitN(uri, "?", 2)[0], "mongodb://")
	target, _, _ = strings.Cut(target, "/")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{URI: strings.Replace(uri, target, listener.Addr().String(), 1), connections: map[net.Conn]bool{}}
	t.Cleanup(func() {
		listener.Close()
		p.Cut()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client, target)
		}
	}()
	return p
}

// Cut closes every connection, and each new one, until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = true
	for c := range p.connections {
		c.Close()
	}
}

// Mend lets new connections through.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = false
}

// keep registers a connection, or closes it where the way is cut.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		c.Close()
		return false
	}
	p.connections[c] = true
	return true
}

func (p *Proxy) serve(client net.Conn, target string) {
	defer client.Close()
	if !p.keep(client) {
		return
	}
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.keep(server) {
		return
	}
	go io.Copy(server, client) // ends when either side is closed
	io.Copy(client, server)
}
