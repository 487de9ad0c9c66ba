package server

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Certificate is tls.crt and tls.key of a folder, read again when tls.crt changes, as a renewed Secret does.
type Certificate struct {
	folder string

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time
}

// LoadCertificate reads the folder once, so that a mistake is seen at the start.
func LoadCertificate(folder string) (*Certificate, error) {
	c := &Certificate{folder: folder}
	_, err := c.current()
	return c, err
}

// Config is for TLS 1.2 and later.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current() },
	}
}

// current is the newest certificate that could be read.
func (c *Certificate) current() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(filepath.Join(c.folder, "tls.crt"))
	if err == nil && (c.loaded == nil || !info.ModTime().Equal(c.changed)) {
		err = c.load(info.ModTime())
	}
	if c.loaded == nil {
		return nil, fmt.Errorf("read tls.crt and tls.key of %s: %w", c.folder, err)
	}
	return c.loaded, nil
}

func (c *Certificate) load(changed time.Time) error {
	pair, err := tls.LoadX509KeyPair(filepath.Join(c.folder, "tls.crt"), filepath.Join(c.folder, "tls.key"))
	if err != nil {
		return err
	}
	c.loaded, c.changed = &pair, changed
	return nil
}
