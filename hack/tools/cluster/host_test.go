package main

import (
	"bytes"
	"os/exec"
	"testing"
)

// host is all of the host's state that a cluster could have changed.
type host struct {
	settings, mounts, links, rules, directories string
}

func hostState(t *testing.T) host {
	return host{
		settings: output(t, "sysctl", "vm.overcommit_memory", "vm.panic_on_oom", "kernel.panic", "kernel.panic_on_oops",
			"net.ipv4.ip_forward"),
		mounts: output(t, "cat", "/proc/self/mounts"),
		links:  output(t, "ip", "-brief", "link") + output(t, "ip", "netns"),
		rules:  rules(t),
		directories: output(t, "sh", "-c", `ls -d /run/* /etc/cni /etc/containerd /opt/* /var/lib/* /var/log/pods \
			/var/log/containers /usr/libexec/kubernetes 2>/dev/null; true`),
	}
}

// rules are the packet filter's; the comments hold the time.
func rules(t *testing.T) string {
	var kept [][]byte
	for _, line := range bytes.Split([]byte(output(t, "iptables-save")+output(t, "ip6tables-save")), []byte("\n")) {
		if !bytes.HasPrefix(line, []byte("#")) {
			kept = append(kept, line)
		}
	}
	return string(bytes.Join(kept, []byte("\n")))
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}
