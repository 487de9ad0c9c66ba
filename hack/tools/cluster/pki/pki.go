// Package pki makes a cluster's keys, certificates and kubeconfigs: one authority, and from it everything else.
// All are valid for ten years and live only as long as the cluster's directory.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Authority signs the certificates of one cluster.
type Authority struct {
	Pair
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Pair is a certificate and its key, PEM encoded.
type Pair struct{ Cert, Key []byte }

// Subject is whom a certificate names: a user and groups to the API server, DNS names and addresses to its clients.
type Subject struct {
	User   string
	Groups []string
	DNS    []string
	IPs    []net.IP
}

// NewAuthority makes a self-signed authority valid from now on.
func NewAuthority(now time.Time) (*Authority, error) {
	template := certificate(Subject{User: "local-cluster"}, now)
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage |= x509.KeyUsageCertSign
	a := &Authority{cert: template}
	pair, key, err := a.sign(template)
	if err != nil {
		return nil, err
	}
	a.Pair, a.key = pair, key
	block, _ := pem.Decode(pair.Cert)
	a.cert, err = x509.ParseCertificate(block.Bytes)
	return a, err
}

// Issue makes a key and a certificate good for both ends of a connection.
func (a *Authority) Issue(s Subject, now time.Time) (Pair, error) {
	template := certificate(s, now)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	pair, _, err := a.sign(template)
	return pair, err
}

func certificate(s Subject, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: s.User, Organization: s.Groups},
		DNSNames:    s.DNS,
		IPAddresses: s.IPs,
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.AddDate(10, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
	}
}

// sign certifies a new key; before the authority has a key of its own, with that new key.
func (a *Authority) sign(template *x509.Certificate) (Pair, *ecdsa.PrivateKey, error) {
	pemKey, key, err := newKey()
	if err != nil {
		return Pair{}, nil, err
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return Pair{}, nil, fmt.Errorf("draw a serial number: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), signer)
	if err != nil {
		return Pair{}, nil, fmt.Errorf("sign the certificate of %s: %w", template.Subject.CommonName, err)
	}
	return Pair{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pemKey}, key, nil
}

func newKey() ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encode a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), key, nil
}

// Write puts a pair at base.crt and base.key, the key readable by its owner alone.
func (p Pair) Write(base string) error {
	if err := write(base+".crt", p.Cert); err != nil {
		return err
	}
	return write(base+".key", p.Key)
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a directory for %s: %w", path, err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
