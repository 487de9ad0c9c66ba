package clustertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// controllers are those that a schedule's life needs: its CronJob fires, Jobs make pods, what has no owner goes
// away, quotas count.
const controllers = "cronjob-controller,job-controller,garbage-collector-controller,ttl-after-finished-controller," +
	"resourcequota-controller"

// StartControllers starts the kube-controller-manager, once for this test binary.
func (c *Cluster) StartControllers(t testing.TB) {
	t.Helper()
	tools := findTools(t)
	c.controllers.Do(func() {
		fast := []string{"--kube-api-qps=200", "--kube-api-burst=400"}
		if err := c.startProgram(tools.controllerManager, append(fast, "--controllers="+controllers)...); err != nil {
			t.Errorf("start the kube-controller-manager: %v", err)
		}
	})
}

// startProgram starts one of the programs of the control plane as an administrator, and stops it when the cluster
// stops.
func (c *Cluster) startProgram(program string, args ...string) error {
	command, err := c.bound(program)
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(c.dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, c.environment.KubeConfig, 0o600); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(c.dir, filepath.Base(program)+".log"))
	if err != nil {
		return err
	}
	args = append([]string{"--kubeconfig=" + kubeconfig, "--leader-elect=false", "--secure-port=0", "-v=2"}, args...)
	cmd := exec.Command(command, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	c.stops = append(c.stops, func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		timer.Stop()
		_ = log.Close()
	})
	return nil
}
