package main

import (
	"os"
	"strings"
	"testing"
)

// TestCluster brings a real cluster up, runs pods in it, kills its supervisor, brings it up again and takes it
// down. After the kill and after the end the host must be as it was.
func TestCluster(t *testing.T) {
	if os.Getenv("CLUSTER_TEST") != "1" {
		t.Skip("a real cluster takes two minutes: set CLUSTER_TEST=1, as root, after build.sh cluster-tools")
	}
	if os.Geteuid() != 0 {
		t.Skip("a real cluster needs root")
	}
	l := newLab(t)
	before := hostState(t)

	l.cluster("up")
	l.upChangesNothing()
	l.sees("a second up finds the host's settings untouched", before.settings, hostState(t).settings)
	l.cluster("load", l.probeImage())
	l.podsWork()

	namespaces := l.namespaces()
	l.killSupervisor()
	l.eventually("nothing is left in the namespaces after kill -9",
		func() bool { return len(processesIn(namespaces)) == 0 })
	l.sees("the host after kill -9", before, hostState(t))

	l.cluster("up")
	l.cluster("exec", "--", "kubectl", "get", "node", "node")
	namespaces = l.namespaces()
	l.cluster("down")
	l.sees("processes in the namespaces after down", "", strings.Join(processesIn(namespaces), " "))
	l.sees("the host after down", before, hostState(t))
	l.nothingRemains()
	l.cluster("down")

	l.cluster("up")
	namespaces = l.namespaces()
	if err := os.RemoveAll(string(l.c.dir)); err != nil {
		t.Logf("the directory of a live cluster, half removed: %v", err)
	}
	l.eventually("a cluster ends with its directory", func() bool { return len(processesIn(namespaces)) == 0 })
}
