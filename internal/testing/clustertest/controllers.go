package clustertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// controllers are those that a schedule's life needs: its CronJob fires, Jobs make pods, what has no owner goes away, quotas count.
const controllers = "cronjob-controller,job-controller,garbage-collector-controller,ttl-after-finished-controller,resourcequota-controller"

// StartControllers starts the kube-controller-manager, once for this test binary.
func (c *Cluster) StartControllers(t testing.TB) {
	t.Helper()
	tools := findTools(t)
	c.controllers.Do(func() {
		if err := c.startControllers(tools.controllerManager); err != nil {
			t.Errorf("start the kube-controller-manager: %v", err)
		}
	})
}

func (c *Cluster) startControllers(binary string) error {
	if script := filepath.Join(c.dir, filepath.Base(binary)); exists(script) {
		binary = script // which ends it with this process
	}
	kubeconfig := filepath.Join(c.dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, c.environment.KubeConfig, 0o600); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(c.dir, "controller-manager.log"))
	if err != nil {
		return err
	}
	cmd := exec.Command(binary, "--kubeconfig="+kubeconfig, "--controllers="+controllers,
		"--leader-elect=false", "--secure-port=0", "--kube-api-qps=200", "--kube-api-burst=400", "-v=2")
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

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
