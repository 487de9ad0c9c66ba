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

// pasted is what of the notes somebody would paste into a shell: the lines that begin with kubectl, and the documents
// that go in.
func pasted(notes string) string {
	var script strings.Builder
	document := false
	for line := range strings.Lines(notes) {
		if document || strings.HasPrefix(strings.TrimSpace(line), "kubectl ") {
			script.WriteString(line)
		}
		document = document && line != "YAML\n" || strings.HasSuffix(line, "<<YAML\n")
	}
	return script.String()
}

// Whatever the notes tell people to paste works as it is, on the real API server. Seen to fail with the schedule
// indented by two spaces, as notes like to be: the shell then waits for the end of the document.
func TestTheNotesWorkWhenPasted(t *testing.T) {
	cluster := clustertest.Start(t)
	tests := map[string]struct {
		values []string
		lines  int
	}{
		"no database":                {nil, 5},
		"a database":                 {[]string{"--set", "database.secretName=ucorefs-mongodb"}, 4},
		"a CRD that is there":        {[]string{"--set", "crds.enabled=false"}, 5},
		"a dashboard":                {[]string{"--set", "dashboard.enabled=true"}, 5},
		"policies, for all who read": {[]string{"--set", "networkPolicy.enabled=true"}, 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			namespace := cluster.Namespace(t, restricted())
			kubeconfig := cluster.Kubeconfig(t, "an-administrator", "system:masters")
			notes, err := helm(t, append([]string{"install", "maintenance", chart(), "--namespace", namespace, "--kubeconfig",
				kubeconfig, "--take-ownership", "--dry-run=client"}, test.values...)...)
			if err != nil {
				t.Fatal(err)
			}
			_, notes, _ = strings.Cut(notes, "NOTES:\n")
			script := pasted(notes)
			if commands := strings.Count("\n"+script, "\nkubectl "); commands != test.lines {
				t.Errorf("there are %d commands in the notes, not %d:\n%s", commands, test.lines, notes)
			}
			cmd := exec.Command("sh", "-eu")
			cmd.Stdin, cmd.Dir = strings.NewReader(script), t.TempDir()
			if err := os.WriteFile(filepath.Join(cmd.Dir, "uri.txt"), []byte("mongodb://mongodb:27017/"), 0o600); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(script, "--from-literal") {
				t.Error("a connection string would be in the history of the shell")
			}
			cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig,
				"PATH="+filepath.Dir(tooltest.Path(t, "kubectl"))+":"+os.Getenv("PATH"))
			if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "warning") {
				t.Errorf("%v:\n%s\nof:\n%s", err, out, script)
			}
		})
	}
}
