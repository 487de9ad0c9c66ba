package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// authority signs certificates.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	folder      string // of the files, ca.crt among them
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, folder: t.TempDir()}
	a.certificate, a.key = a.sign("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue writes NAME.crt and NAME.key, of a certificate for 127.0.0.1 that change may alter.
func (a *authority) issue(name string, change func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	template := &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if change != nil {
		change(template)
	}
	certificate, key := a.sign(name, template)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}
}

func (a *authority) sign(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.must(err)
	template.SerialNumber, template.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	parent, signer := template, key
	if a.certificate != nil {
		parent, signer = a.certificate, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	a.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	a.must(err)
	a.must(os.WriteFile(a.file(name+".crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	a.must(os.WriteFile(a.file(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	made, err := x509.ParseCertificate(der)
	a.must(err)
	return made, key
}

func (a *authority) file(name string) string { return filepath.Join(a.folder, name) }

func (a *authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// secured is a server behind TLS: what it is sent is kept.
type secured struct {
	address string
	mu      sync.Mutex
	sent    bytes.Buffer
}

func (s *secured) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent.Write(p)
}

func (s *secured) heard(words string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.sent.Bytes(), []byte(words))
}

// secure puts TLS in front of the server of a connection string.
func secure(t *testing.T, uri string, config *tls.Config) *secured {
	t.Helper()
	target, _, _ := strings.Cut(strings.TrimPrefix(uri, "mongodb://"), "/")
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &secured{address: listener.Addr().String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(client, target)
		}
	}()
	return s
}

func (s *secured) serve(client net.Conn, target string) {
	defer client.Close()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, io.TeeReader(client, s))
		server.Close()
	}()
	_, _ = io.Copy(client, server)
}

// Certificates come from files, as a Secret brings them into a pod. What is wrong with them ends the run within seconds
// and says what to write. Seen to fail, each of the errors, as "no server answered" after the whole --timeout.
func TestCertificatesAreWhatTheConnectionStringNames(t *testing.T) {
	const password = "s3cr3t-wort"
	server := securedLibrary(t, "alice", password)
	ca, other := newAuthority(t), newAuthority(t)
	other.issue("client", nil)
	ca.issue("client", nil)
	ca.must(os.WriteFile(ca.file("none.crt"), []byte("no certificate"), 0o600))
	good := &tls.Config{Certificates: []tls.Certificate{ca.issue("server", nil)}}
	mutual := &tls.Config{Certificates: good.Certificates, ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs: ca.pool()}
	expired := &tls.Config{Certificates: []tls.Certificate{ca.issue("old", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	})}}
	elsewhere := &tls.Config{Certificates: []tls.Certificate{ca.issue("elsewhere", func(c *x509.Certificate) {
		c.IPAddresses, c.DNSNames = nil, []string{"mongodb.example.com"}
	})}}
	files := func(a *authority, name string) string {
		return "&tlsCertificateFile=" + a.file(name+".crt") + "&tlsPrivateKeyFile=" + a.file(name+".key")
	}
	known := "tls=true&tlsCAFile=" + ca.file("ca.crt")
	for name, c := range map[string]struct {
		server  *tls.Config
		options string
		code    int
		says    string
	}{
		"a server of an authority that is named": {good, known, jobspec.ExitOK, ""},
		"a server that asks for a certificate":   {mutual, known + files(ca, "client"), jobspec.ExitOK, ""},
		"a server of an authority that is not": {good, "tls=true", jobspec.ExitConfig,
			"tlsCAFile=/etc/mongodb-tls/ca.crt"},
		"a server of another authority": {good, "tls=true&tlsCAFile=" + other.file("ca.crt"), jobspec.ExitConfig,
			"an authority that is not known"},
		"a server whose certificate has expired":  {expired, known, jobspec.ExitConfig, "has expired"},
		"a server whose certificate is another's": {elsewhere, known, jobspec.ExitConfig, "not for the host"},
		"no certificate for a server that asks": {mutual, known, jobspec.ExitConfig,
			"tlsCertificateFile and tlsPrivateKeyFile"},
		"a stranger's for a server that asks": {mutual, known + files(other, "client"), jobspec.ExitConfig,
			"did not take this client's certificate"},
		"a server that speaks an old TLS only": {&tls.Config{Certificates: good.Certificates, MinVersion: tls.VersionTLS10,
			MaxVersion: tls.VersionTLS11}, known, jobspec.ExitConfig, "does not agree to speak TLS"},
		"a file that is not there": {good, "tls=true&tlsCAFile=/etc/mongodb-tls/ca.crt", jobspec.ExitConfig,
			"tlsCAFile names cannot be read: in a pod, is there a Secret"},
		"a file that is no certificate": {good, "tls=true&tlsCAFile=" + ca.file("none.crt"), jobspec.ExitConfig,
			"no certificates and keys as PEM"},
		"a key of another certificate": {mutual, known + "&tlsCertificateFile=" + ca.file("client.crt") +
			"&tlsPrivateKeyFile=" + other.file("client.key"), jobspec.ExitConfig, "do not belong together"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // those that fail wait for five seconds
			uri := "mongodb://alice:" + password + "@" + secure(t, server, c.server).address + "/ucorefs?authSource=admin&" +
				c.options
			r := job(t, map[string]string{"MONGODB_URI": uri}, "run", "verify-references", "--timeout=40s")
			r.want(t, c.code)
			r.hides(t, password)
			if !strings.Contains(r.out+r.errs, c.says) || strings.Contains(r.errs, "retryIn") {
				t.Errorf("it does not say %q, or tried again:\n%s%s", c.says, r.out, r.errs)
			}
		})
	}
}

// The mechanisms that FerretDB does not know go over the wire as MongoDB's driver makes them, and what comes back names
// no secret.
func TestEveryMechanismReachesTheServer(t *testing.T) {
	const password, token = "s3cr3t-wort", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzM2NyM3Qtd29ydCJ9."
	server := securedLibrary(t, "alice", password)
	ca := newAuthority(t)
	ca.issue("client", nil)
	served := &tls.Config{Certificates: []tls.Certificate{ca.issue("server", nil)},
		ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: ca.pool()}
	ca.must(os.WriteFile(ca.file("token"), []byte(token), 0o600))
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", ca.file("token")) // which the driver reads where it is set, and the service account's otherwise
	for name, c := range map[string]struct {
		user, options string
		code          int
		sent          string
	}{
		"SCRAM-SHA-256": {"alice:" + password + "@", "authSource=admin&authMechanism=SCRAM-SHA-256", jobspec.ExitOK,
			"SCRAM-SHA-256"},
		"SCRAM-SHA-1": {"alice:" + password + "@", "authSource=admin&authMechanism=SCRAM-SHA-1", jobspec.ExitOK,
			"SCRAM-SHA-1"},
		"X.509": {"", "authMechanism=MONGODB-X509&tlsCertificateFile=" + ca.file("client.crt") + "&tlsPrivateKeyFile=" +
			ca.file("client.key"),
			jobspec.ExitConfig, "MONGODB-X509"},
		"OIDC with the pod's token": {"", "authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:k8s",
			jobspec.ExitConfig, token},
	} {
		t.Run(name, func(t *testing.T) {
			front := secure(t, server, served)
			uri := "mongodb://" + c.user + front.address + "/ucorefs?tls=true&tlsCAFile=" + ca.file("ca.crt") + "&" + c.options
			r := job(t, map[string]string{"MONGODB_URI": uri}, "run", "verify-references", "--timeout=40s")
			r.want(t, c.code)
			r.hides(t, password, token)
			if !front.heard(c.sent) {
				t.Errorf("the server was not sent %s:\n%s", c.sent, r.errs)
			}
			t.Log(r.out, r.errs)
		})
	}
}
