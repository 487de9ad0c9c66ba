package apiproxy

import (
	"context"
	"io"
	"net/http"
)

// gate is what the bytes of a resource's watches pass through.
type gate struct {
	open chan struct{} // closed while they pass
	kept int           // pieces that wait
}

// Hold keeps back what the watches of a resource, such as "pods", say from now on, however long; also those that begin
// meanwhile.
func (p *Proxy) Hold(resource string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gates[resource] == nil {
		p.gates[resource] = &gate{open: make(chan struct{})}
	}
}

// Release lets through what was kept back, and what follows.
func (p *Proxy) Release(resource string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if held := p.gates[resource]; held != nil {
		close(held.open)
		delete(p.gates, resource)
	}
}

// Keeps tells whether something that a watch of a resource said is kept back.
func (p *Proxy) Keeps(resource string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.gates[resource]
	return held != nil && held.kept > 0
}

// holdWatch puts the gate of its resource into the answer to a watch.
func (p *Proxy) holdWatch(answer *http.Response) error {
	if IsWatch(answer.Request) {
		answer.Body = &heldBody{answer.Body, p, answer.Request.Context(), resourceOf(answer.Request)}
	}
	return nil
}

// heldBody gives away nothing that was read while its gate is closed.
type heldBody struct {
	io.ReadCloser
	proxy    *Proxy
	ctx      context.Context
	resource string
}

// Read implements io.Reader.
func (b *heldBody) Read(to []byte) (int, error) {
	n, err := b.ReadCloser.Read(to)
	for {
		held := b.proxy.keep(b.resource)
		if held == nil {
			return n, err
		}
		select {
		case <-held.open:
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		}
	}
}

// keep is the gate at which a piece waits, or nil where it passes.
func (p *Proxy) keep(resource string) *gate {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.gates[resource]
	if held != nil {
		held.kept++
	}
	return held
}
