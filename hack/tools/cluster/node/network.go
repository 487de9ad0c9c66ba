package node

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

// links builds the network: the loopback, and the bridge that the pods will hang from. The default route leads
// nowhere; without one the kernel would refuse service addresses before kube-proxy's rules could translate them.
var links = []string{
	"link set lo up",
	"link add cni0 type bridge",
	"address add " + layout.NodeIP + "/24 dev cni0",
	"link set cni0 up",
	"route add default dev cni0",
}

func network() error {
	for _, line := range links {
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, out)
		}
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return fmt.Errorf("turn on forwarding: %w", err)
	}
	return nil
}
