package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

func TestCertificatesVerify(t *testing.T) {
	dir, now := layout.Dir(t.TempDir()), time.Now()
	if err := WriteCluster(dir, 12345, now); err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(dir.PKI("ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		t.Fatal("no authority")
	}
	for _, name := range []string{"127.0.0.1", layout.ServiceIP, layout.NodeIP, "kubernetes.default.svc"} {
		verify(t, dir.PKI("apiserver"), x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: now})
	}
	verify(t, dir.PKI("kubelet"), x509.VerifyOptions{Roots: roots, DNSName: layout.NodeIP, CurrentTime: now.AddDate(9, 0,
		0)})
	verify(t, dir.PKI("apiserver-kubelet-client"), x509.VerifyOptions{Roots: roots,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
}

func verify(t *testing.T, base string, options x509.VerifyOptions) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(base+".crt", base+".key")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pair.Leaf.Verify(options); err != nil {
		t.Errorf("%s for %q: %v", base, options.DNSName, err)
	}
}

func TestKeysAreTheirOwnersAlone(t *testing.T) {
	dir := layout.Dir(t.TempDir())
	if err := WriteCluster(dir, 12345, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir.Kubeconfig(), dir.PKI("ca.key"), dir.Config("admin.conf")} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
}
