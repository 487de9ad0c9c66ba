package charttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// What a tool applies again and again stays as it is: the API server's defaults are no difference, so that nothing is
// out of sync.
func TestApplyingTheSamplesAgainChangesNothing(t *testing.T) {
	cluster := clustertest.Start(t)
	kubeconfig := cluster.Kubeconfig(t, "an-administrator", "system:masters")
	for name, more := range map[string][]string{"by the client": nil, "by the server": {"--server-side"}} {
		t.Run(name, func(t *testing.T) {
			namespace := cluster.Namespace(t, nil)
			kubectl := func(args ...string) string {
				cmd := exec.Command(tooltest.Path(t, "kubectl"), append(args, "--namespace", namespace)...)
				cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("kubectl %v: %v\n%s", args, err, out)
				}
				return string(out)
			}
			specs := func() string {
				return kubectl("get", "msched", "-o",
					`jsonpath={range .items[*]}{.metadata.name} {.metadata.generation} {.spec}{"\n"}{end}`)
			}
			apply := append([]string{"apply", "-f", filepath.Join(tooltest.Root(), "config/samples")}, more...)
			kubectl(apply...)
			before := specs()
			out := kubectl(apply...)
			if after := specs(); after != before || strings.Count(before, "\n") < 4 {
				t.Errorf("the schedules were\n%sand are\n%s%s", before, after, out)
			}
		})
	}
}
