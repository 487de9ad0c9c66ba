package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/cgroup"
	"ucorefs.io/maintenance/hack/tools/cluster/record"
	"ucorefs.io/maintenance/hack/tools/cluster/scratch"
)

// lab is one cluster under test.
type lab struct {
	*testing.T
	c       cluster
	program string
}

func newLab(t *testing.T) lab {
	c, err := locate("selftest", filepath.Join(t.TempDir(), "cluster"))
	if err != nil {
		t.Fatal(err)
	}
	l := lab{t, c, filepath.Join(t.TempDir(), "cluster")}
	l.build(".", l.program)
	t.Cleanup(func() { _ = exec.Command(l.program, "down", "--name", c.name, "--dir", string(c.dir)).Run() })
	return l
}

func (l lab) build(source, out string) {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", out, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	l.run(cmd)
}

// cluster runs the command for the cluster under test, and fails the test unless it succeeds.
func (l lab) cluster(command string, args ...string) string {
	return l.run(exec.Command(l.program, append([]string{command, "--name", l.c.name, "--dir", string(l.c.dir)},
		args...)...))
}

func (l lab) kubectl(args ...string) string {
	cmd := exec.Command(filepath.Join(l.c.tools, "kubectl"), args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+l.c.dir.Kubeconfig())
	return l.run(cmd)
}

func (l lab) run(cmd *exec.Cmd) string {
	l.Helper()
	out, err := cmd.CombinedOutput()
	l.Logf("%s\n%s", cmd, out)
	if err != nil {
		l.Fatalf("%s: %v", cmd, err)
	}
	return string(out)
}

// upChangesNothing calls up on a live cluster, which must leave the supervisor as it is.
func (l lab) upChangesNothing() {
	before := l.record()
	l.cluster("up")
	l.sees("the supervisor after a second up", before, l.record())
}

func (l lab) probeImage() string {
	dir := l.TempDir()
	l.build("./testdata/probe", filepath.Join(dir, "probe"))
	out := filepath.Join(dir, "probe.tar")
	spec := scratch.Spec{Binary: filepath.Join(dir, "probe"), Entrypoint: "/probe", User: "65532:65532"}
	if err := scratch.Write(spec, "ucorefs/probe:dev", out); err != nil {
		l.Fatal(err)
	}
	return out
}

// podsWork runs the probe as the product's jobs will be run, and reads what it found from its termination message.
func (l lab) podsWork() {
	l.kubectl("apply", "-f", "testdata/probe.yaml")
	l.kubectl("wait", "--for=condition=Ready", "--timeout=5m", "pod/echo")
	l.kubectl("wait", "--for=create", "--timeout=5m", "pod", "--selector=app=probe")
	l.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=5m", "pod", "--selector=app=probe")
	got := l.kubectl("get", "pod", "--selector=app=probe", "-o",
		"jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}")
	want := strings.Join([]string{
		"uid 65532", "status CapEff=0000000000000000 NoNewPrivs=1 Seccomp=2", "read-only true",
		"dns 10.96.7.7", "search 10.96.0.1", "outside unknown", "service reached", "api reached",
	}, "\n")
	l.sees("the probe's termination message", want, strings.TrimSpace(got))
}

func (l lab) record() record.Record {
	r, err := record.Load(l.c.dir.Record())
	if err != nil {
		l.Fatal(err)
	}
	return r
}

func (l lab) killSupervisor() {
	if err := syscall.Kill(l.record().PID, syscall.SIGKILL); err != nil {
		l.Fatal(err)
	}
}

// namespaces are the identities of the cluster's namespaces.
func (l lab) namespaces() []string {
	var links []string
	for _, kind := range []string{"pid_for_children", "mnt", "net"} {
		link, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(l.record().PID), "ns", kind))
		if err != nil {
			l.Fatal(err)
		}
		links = append(links, link)
	}
	return links
}

// processesIn are the host's processes in one of the namespaces. A zombie has none of these any more.
func processesIn(namespaces []string) []string {
	var found []string
	for _, kind := range []string{"pid_for_children", "mnt", "net"} {
		links, _ := filepath.Glob("/proc/[0-9]*/ns/" + kind)
		for _, link := range links {
			if target, err := os.Readlink(link); err == nil && slices.Contains(namespaces, target) {
				found = append(found, link)
			}
		}
	}
	return found
}

// nothingRemains checks what only down removes.
func (l lab) nothingRemains() {
	if _, err := os.Stat(string(l.c.dir)); !errors.Is(err, fs.ErrNotExist) {
		l.Errorf("the cluster's directory is still there: %v", err)
	}
	hierarchies, err := cgroup.Hierarchies()
	if err != nil || len(hierarchies) == 0 {
		l.Fatalf("hierarchies: %v, %v", hierarchies, err)
	}
	for _, h := range hierarchies {
		if _, err := os.Stat(filepath.Join(h.Path, l.c.cgroup())); !errors.Is(err, fs.ErrNotExist) {
			l.Errorf("a control group is still there in %s: %v", h.Path, err)
		}
	}
}

func (l lab) eventually(what string, true func() bool) {
	for deadline := time.Now().Add(2 * time.Minute); !true(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.Fatalf("not within two minutes: %s", what)
		}
	}
}

func (l lab) sees(what string, want, got any) {
	l.Helper()
	if want != got {
		l.Errorf("%s\nwant %v\ngot  %v", what, want, got)
	}
}
