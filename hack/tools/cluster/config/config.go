// Package config renders the components' configuration files and their command lines. It is pure: what it makes
// depends on its argument alone.
package config

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

//go:embed files
var files embed.FS

// rendered are the files, by their path under DIR/config.
var rendered = map[string]string{
	"containerd.toml":        "files/containerd.toml",
	"cni/10-local.conflist":  "files/cni.conflist",
	"kubelet.yaml":           "files/kubelet.yaml",
	"kube-proxy.yaml":        "files/kube-proxy.yaml",
	"manifests/coredns.yaml": "files/coredns.yaml",
}

// Params is what differs between clusters.
type Params struct {
	Cgroup      string // the control group that holds the pods
	Snapshotter string // overlayfs, or native where the directory is itself on an overlay
}

// values are the names the templates know: the parameters and the layout.
type values struct {
	Params
	Dir                                                                    layout.Dir
	Containerd, CNIPlugins, Node, NodeIP, PodCIDR, NodeCIDR, DNSIP, Domain string
	PauseImage, CoreDNSImage                                               string
}

// Render makes every configuration file, by its path under DIR/config.
func Render(p Params) (map[string][]byte, error) {
	v := values{p, layout.Inside, layout.Containerd, layout.CNIPlugins, layout.Node, layout.NodeIP, layout.PodCIDR,
		layout.NodeCIDR, layout.DNSIP, layout.Domain, layout.PauseImage, layout.CoreDNSImage}
	out := map[string][]byte{"resolv.conf": []byte("# The cluster has no outside to ask.\n")}
	for path, source := range rendered {
		t, err := template.ParseFS(files, source)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", source, err)
		}
		var b bytes.Buffer
		if err := t.Execute(&b, v); err != nil {
			return nil, fmt.Errorf("render %s: %w", source, err)
		}
		out[path] = b.Bytes()
	}
	return out, nil
}
