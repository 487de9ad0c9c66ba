package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/cgroup"
	"ucorefs.io/maintenance/hack/tools/cluster/config"
	"ucorefs.io/maintenance/hack/tools/cluster/layout"
	"ucorefs.io/maintenance/hack/tools/cluster/pki"
	"ucorefs.io/maintenance/hack/tools/cluster/record"
	"ucorefs.io/maintenance/hack/tools/cluster/scratch"
)

// up brings the cluster up unless it is. What an earlier, killed cluster left is removed first; a start that fails
// leaves nothing but its logs.
func (c cluster) up(ctx context.Context, timeout time.Duration) error {
	lock, err := c.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	if c.running() {
		fmt.Printf("cluster %s is up: export KUBECONFIG=%s\n", c.name, c.dir.Kubeconfig())
		return nil
	}
	if err := c.owned(); err != nil {
		return err
	}
	if err := c.complete(); err != nil {
		return err
	}
	if err := c.remove(); err != nil {
		return err
	}
	begin := time.Now()
	if err := c.start(ctx, timeout); err != nil {
		return errors.Join(err, c.removeAllBut("logs"))
	}
	fmt.Printf("cluster %s is up after %.0fs: export KUBECONFIG=%s\n", c.name, time.Since(begin).Seconds(),
		c.dir.Kubeconfig())
	return nil
}

// running says whether the cluster has come up and its supervisor lives.
func (c cluster) running() bool {
	r, err := record.Load(c.dir.Record())
	_, notReady := os.Stat(c.dir.Ready())
	return err == nil && notReady == nil && r.Alive()
}

// complete checks for every program before anything is started.
func (c cluster) complete() error {
	for _, tool := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet",
		"kube-proxy",
		"kubectl", "containerd", "containerd-shim-runc-v2", "ctr", "coredns", "pause"} {
		if _, err := os.Stat(filepath.Join(c.tools, tool)); err != nil {
			return fmt.Errorf("no %s in %s: run hack/tools/build.sh cluster-tools", tool, c.tools)
		}
	}
	for _, program := range []string{"runc", "iptables", "conntrack", "ip", "nsenter", layout.CNIPlugins + "/bridge"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("no %s on this machine: run hack/tools/packages.sh", program)
		}
	}
	return nil
}

// start makes the directory's contents, then the cluster.
func (c cluster) start(ctx context.Context, timeout time.Duration) error {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return fmt.Errorf("find a port for the API server: %w", err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := c.prepare(port); err != nil {
		return err
	}
	return c.supervise(ctx, listener, port, timeout)
}

func (c cluster) prepare(port int) error {
	if err := (record.Record{Name: c.name}).Save(c.dir.Record()); err != nil {
		return err
	}
	for _, dir := range []string{c.dir.Logs(), c.dir.Data("etcd"), filepath.Dir(c.dir.Image("any"))} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the cluster's directories: %w", err)
		}
	}
	hierarchies, err := cgroup.Hierarchies()
	if err != nil {
		return err
	}
	if err := cgroup.Create(hierarchies, c.cgroup()); err != nil {
		return err
	}
	if err := pki.WriteCluster(c.dir, port, time.Now()); err != nil {
		return err
	}
	if err := c.writeConfig(); err != nil {
		return err
	}
	return c.writeImages()
}

func (c cluster) writeConfig() error {
	rendered, err := config.Render(config.Params{Cgroup: c.cgroup(), Snapshotter: c.snapshotter()})
	if err != nil {
		return err
	}
	for name, content := range rendered {
		path := c.dir.Config(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make a configuration directory: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	return nil
}

// snapshotter is how containerd stores images: an overlay cannot be laid upon an overlay, as inside a container.
func (c cluster) snapshotter() string {
	const overlayMagic = 0x794c7630 // OVERLAYFS_SUPER_MAGIC of linux/magic.h
	var fs syscall.Statfs_t
	if err := syscall.Statfs(string(c.dir), &fs); err == nil && fs.Type == overlayMagic {
		return "native"
	}
	return "overlayfs"
}

func (c cluster) writeImages() error {
	for tool, ref := range map[string]string{"pause": layout.PauseImage, "coredns": layout.CoreDNSImage} {
		spec := scratch.Spec{Binary: filepath.Join(c.tools, tool), Entrypoint: "/" + tool}
		if err := scratch.Write(spec, ref, c.dir.Image(tool)); err != nil {
			return err
		}
	}
	return nil
}

// tail is the last lines of a component's log.
func (c cluster) tail(component string) string {
	const lines = 20
	data, _ := os.ReadFile(c.dir.Log(component))
	all := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
