// Command probe is what the cluster's test runs in a pod. It looks at its surroundings and leaves what it found,
// one fact a line, as its termination message.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		serve()
	}
	facts := []string{
		fmt.Sprintf("uid %d", os.Getuid()),
		"status " + strings.Join(status("CapEff", "Seccomp", "NoNewPrivs"), " "),
		fmt.Sprintf("read-only %t", os.WriteFile("/written", nil, 0o644) != nil),
		"dns " + resolve("echo.default.svc.cluster.local."),
		"search " + resolve("kubernetes.default"),
		"outside " + resolve("example.org."),
		"service " + dial("echo.default.svc.cluster.local:7"),
		"api " + dial("kubernetes.default.svc:443"),
	}
	if err := os.WriteFile("/dev/termination-log", []byte(strings.Join(facts, "\n")), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers connections on port 7 for ever.
func serve() {
	listener, err := net.Listen("tcp", ":7")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		if c, err := listener.Accept(); err == nil {
			c.Close()
		}
	}
}

// status is some of the kernel's facts about this process.
func status(names ...string) []string {
	data, _ := os.ReadFile("/proc/self/status")
	var found []string
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		for _, want := range names {
			if name == want {
				found = append(found, name+"="+strings.TrimSpace(value))
			}
		}
	}
	return found
}

func resolve(name string) string {
	addresses, err := net.LookupHost(name)
	if err != nil {
		return "unknown"
	}
	return strings.Join(addresses, ",")
}

func dial(address string) string {
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return err.Error()
	}
	c.Close()
	return "reached"
}
