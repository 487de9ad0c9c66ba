package pki

import (
	"encoding/base64"
	"fmt"
	"net"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

// identities are the API server's clients, by the name of their kubeconfig. Kubernetes grants each its role by
// these very names.
var identities = map[string]Subject{
	"admin":              {User: "local-admin", Groups: []string{"system:masters"}},
	"controller-manager": {User: "system:kube-controller-manager"},
	"scheduler":          {User: "system:kube-scheduler"},
	"kube-proxy":         {User: "system:kube-proxy"},
	"kubelet":            {User: "system:node:" + layout.Node, Groups: []string{"system:nodes"}},
}

// servers are the certificates kept as files under pki/, by base name.
var servers = map[string]Subject{
	"apiserver": {User: "kube-apiserver",
		DNS: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." +
			layout.Domain},
		IPs: []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(layout.ServiceIP), net.ParseIP(layout.NodeIP)}},
	"apiserver-kubelet-client": {User: "kube-apiserver-kubelet-client", Groups: []string{"system:masters"}},
	"kubelet":                  {User: "kubelet", DNS: []string{layout.Node}, IPs: []net.IP{net.ParseIP(layout.NodeIP)}},
}

// WriteCluster writes everything a cluster in dir needs; port is where the host reaches its API server.
func WriteCluster(dir layout.Dir, port int, now time.Time) error {
	authority, err := NewAuthority(now)
	if err != nil {
		return err
	}
	if err := authority.Write(dir.PKI("ca")); err != nil {
		return err
	}
	if err := writeServers(authority, dir, now); err != nil {
		return err
	}
	if err := writeServiceAccountKey(dir); err != nil {
		return err
	}
	return writeKubeconfigs(authority, dir, port, now)
}

func writeServers(authority *Authority, dir layout.Dir, now time.Time) error {
	for name, subject := range servers {
		pair, err := authority.Issue(subject, now)
		if err != nil {
			return err
		}
		if err := pair.Write(dir.PKI(name)); err != nil {
			return err
		}
	}
	return nil
}

// writeServiceAccountKey writes the key that signs tokens; the API server derives the public half from it.
func writeServiceAccountKey(dir layout.Dir) error {
	key, _, err := newKey()
	if err != nil {
		return err
	}
	return write(dir.PKI("service-account.key"), key)
}

func writeKubeconfigs(authority *Authority, dir layout.Dir, port int, now time.Time) error {
	inside := "https://127.0.0.1:" + layout.APIPort
	for name, subject := range identities {
		pair, err := authority.Issue(subject, now)
		if err != nil {
			return err
		}
		if err := write(dir.Config(name+".conf"), kubeconfig(inside, authority.Cert, pair)); err != nil {
			return err
		}
		if name != "admin" {
			continue
		}
		outside := fmt.Sprintf("https://127.0.0.1:%d", port)
		if err := write(dir.Kubeconfig(), kubeconfig(outside, authority.Cert, pair)); err != nil {
			return err
		}
	}
	return nil
}

func kubeconfig(server string, authority []byte, client Pair) []byte {
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: local
contexts:
- {name: local, context: {cluster: local, user: local}}
clusters:
- name: local
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: local
  user:
    client-certificate-data: %s
    client-key-data: %s
`, server, b64(authority), b64(client.Cert), b64(client.Key))
}
