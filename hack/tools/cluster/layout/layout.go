// Package layout names every path, address and image of a local cluster, once.
//
// A cluster owns one directory of the host, DIR. Inside the cluster's mount namespace the same directory is
// Inside, so that the components' configuration never depends on where DIR is.
package layout

import "path/filepath"

// Paths as the components see them, in the cluster's own mount namespace.
const (
	Inside      = "/run/cluster" // DIR
	InsideTools = "/run/tools"   // the built binaries
	Containerd  = "/run/containerd/containerd.sock"
	CNIPlugins  = "/usr/lib/cni" // where Debian's containernetworking-plugins puts them
)

// Addresses. They are the same in every cluster, because every cluster has its own network namespace.
const (
	Node        = "node"
	NodeIP      = "10.244.0.1" // the bridge: pods' gateway, and the address the API server advertises
	PodCIDR     = "10.244.0.0/16"
	NodeCIDR    = "10.244.0.0/24"
	ServiceCIDR = "10.96.0.0/16"
	ServiceIP   = "10.96.0.1"
	DNSIP       = "10.96.0.10"
	Domain      = "cluster.local"
	APIPort     = "6443"
	EtcdPort    = "2379"
)

// Images made from the built binaries and imported at every start.
const (
	PauseImage   = "localhost/pause:dev"
	CoreDNSImage = "localhost/coredns:dev"
)

// Dir is a cluster's directory on the host, or Inside.
type Dir string

func (d Dir) path(elem ...string) string {
	return filepath.Join(append([]string{string(d)}, elem...)...)
}

// Record holds who the supervisor is; its presence marks the directory as a cluster's.
func (d Dir) Record() string { return d.path("cluster.json") }

// Ready exists once the cluster has been seen working from end to end.
func (d Dir) Ready() string { return d.path("ready") }

// Kubeconfig is the administrator's, for use on the host.
func (d Dir) Kubeconfig() string { return d.path("kubeconfig") }

// Logs holds one NAME.log for each component.
func (d Dir) Logs() string { return d.path("logs") }

// Log is one component's log.
func (d Dir) Log(component string) string { return d.path("logs", component+".log") }

// PKI is a file among the keys and certificates.
func (d Dir) PKI(name string) string { return d.path("pki", name) }

// Config is a file among the components' configuration, kubeconfigs included.
func (d Dir) Config(name string) string { return d.path("config", name) }

// Data is a component's data.
func (d Dir) Data(name string) string { return d.path("data", name) }

// Image is the tarball of one of the cluster's own images.
func (d Dir) Image(name string) string { return d.path("images", name+".tar") }
