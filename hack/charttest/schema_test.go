package charttest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// A value that is misspelt or impossible is refused before anything is installed, in a line that names its path and
// what is allowed.
func TestAWrongValueIsRefusedInOneLine(t *testing.T) {
	tests := map[string]struct{ value, path, allowed string }{
		"a misspelt member":     {"jobs.usr=1000", "/jobs/usr", "only serviceAccount, resources, volumes, user,"},
		"a misspelt top member": {"databse.secretName=x", "/databse", ", database, jobs,"},
		"an unknown pull policy": {"images.pullPolicy=Sometimes", "/images/pullPolicy",
			"'Always', 'IfNotPresent', 'Never'"},
		"runs as root":   {"jobs.user=0", "/jobs/user", "minimum: got 0, want 1"},
		"an id in words": {"jobs.group=media", "/jobs/group", "want integer"},
		"a digest that is none": {"images.job.digest=latest", "/images/job/digest",
			"the digest of an image, which is sha256: and 64 hexadecimal digits"},
		"a tag with the name": {"images.job.repository=maint-job:v1", "/images/job/repository",
			"the name of an image in lower case and without a tag, such as ucorefs/maint-job"},
		"a connection string": {"database.secretName=mongodb://db", "/database/secretName",
			"the name of a Secret, which holds the connection string"},
		"a host path": {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library,jobs.volumes[0].hostPath=/", "/jobs/volumes/0/hostPath", "only claimName, mountPath, subPath, use"},
		"a place in the image": {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/etc",
			"/jobs/volumes/0/mountPath", "a path at or below /library, /data, /mnt"},
		"negative replicas": {"controller.replicas=-1", "/controller/replicas", "minimum: got -1, want 0"},
		"no authentication": {"dashboard.auth=none", "/dashboard/auth", "'token', 'proxy'"},
		"a proxy that is all": {"dashboard.proxy.cidrs={0.0.0.0/0}", "/dashboard/proxy/cidrs/0",
			"a range of addresses that is not all of them, such as 10.1.2.3/32"},
		"an id of eleven digits":   {"jobs.user=99999999999", "/jobs/user", "an id of at most 2147483647"},
		"a group of eleven digits": {"jobs.group=99999999999", "/jobs/group", "an id of at most 2147483647"},
		"a claim in capitals":      {"jobs.volumes[0].claimName=A_b,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library", "/jobs/volumes/0/claimName", "the name of a PersistentVolumeClaim, which has only lower-case"},
		"a volume that climbs":     {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library/..", "/jobs/volumes/0/mountPath", "such as /library/photos, without a slash at the end, and without the parts . and .."},
		"a sub-path that climbs":   {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library,jobs.volumes[0].subPath=../x", "/jobs/volumes/0/subPath", "a relative path in the claim, such as photos/2024, without the part .."},
		"a sub-path from the root": {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library,jobs.volumes[0].subPath=/x", "/jobs/volumes/0/subPath", "a relative path in the claim"},
		"a mount that climbs":      {"controller.volumeMounts[0].name=a,controller.volumeMounts[0].mountPath=/a,controller.volumeMounts[0].subPath=a/..", "/controller/volumeMounts/0/subPath", "a relative path in the volume"},
		"a label with a blank": {"commonLabels.team=media team", "/commonLabels/team",
			"the value of a label, which has only letters, digits"},
		"a pod's label with a blank": {"controller.podLabels.team=media team", "/controller/podLabels/team",
			"such as media-team"},
		"a node that is none": {"dashboard.nodeSelector.zone=a b", "/dashboard/nodeSelector/zone",
			"such as media-team"},
		"a monitor's label with a blank": {"metrics.serviceMonitor.labels.team=media team",
			"/metrics/serviceMonitor/labels/team", "such as media-team"},
		"a label's key with a blank": {"commonLabels.the team=a", "/commonLabels/the team",
			"the key of a label has at most 63 letters"},
		"an annotation's key in slashes": {"dashboard.ingress.annotations.a/b/c=x", "/dashboard/ingress/annotations/a~1b~1c",
			"the key of an annotation"},
		"an alert's label with a hyphen": {"metrics.prometheusRule.alertLabels.the-team=a",
			"/metrics/prometheusRule/alertLabels/the-team", "such as team"},
		"a registry in capitals": {"images.registry=Registry.example.com/U", "/images/registry",
			"a registry with a path in lower case"},
		"everybody's in capitals": {"global.imageRegistry=registry.example.com/U", "/global/imageRegistry",
			"a registry with a path in lower case"},
		"an image in capitals": {"images.job.repository=Maint-Job", "/images/job/repository",
			"the name of an image in lower case"},
		"a pull secret in capitals": {"images.pullSecrets[0].name=A_b", "/images/pullSecrets/0/name",
			"the name of a Secret, which has only lower-case"},
		"several namespaces": {"watchNamespace=a b", "/watchNamespace", "one namespace, or * for all of them"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := helm(t, "template", "maintenance", chart(), "--set", test.value)
			if err == nil {
				t.Fatal("it is taken")
			}
			for line := range strings.Lines(err.Error()) {
				if strings.Contains(line, "'"+test.path+"'") && strings.Contains(line, test.allowed) {
					return
				}
			}
			t.Errorf("no line names %q and %q: %v", test.path, test.allowed, err)
		})
	}
}

// removed are values of earlier releases. The schema accepts them, so that validations.yaml can say what to write
// instead.
var removed = []string{"database.modelConfigMap"}

// kubernetes are the objects that are passed on as they are, and judged by the API server.
var kubernetes = regexp.MustCompile(`^(global|controller\.(affinity|volumes\[]|extraEnv\[]\.valueFrom|.*Selector)|dashboard\.affinity|.*(pod|namespace|label)Selector)$`)

// The schema knows each value that is documented and documents each that it knows: with a type, a description, and, for
// objects, what else may be in them, which is nothing.
func TestTheSchemaDescribesEveryValue(t *testing.T) {
	described := map[string]bool{}
	readSchema(t).walk(t, "", described)
	var values map[string]any
	if err := yaml.Unmarshal(readChart(t, "values.yaml"), &values); err != nil {
		t.Fatal(err)
	}
	documented := members("", values)
	for _, path := range documented {
		if !described[path] && !described[parent(path)+".*"] {
			t.Errorf("values.schema.json lacks %s", path)
		}
	}
	for path := range described {
		// Helm's own, members of lists and maps, and the quantities that have no default.
		undocumented := path == "" || path == "global" || strings.ContainsAny(path, "[*") ||
			strings.Contains(path, "resources.") || slices.Contains(removed, path)
		if !undocumented && !slices.Contains(documented, path) {
			t.Errorf("values.yaml lacks %s", path)
		}
	}
}

// schema is a part of values.schema.json.
type schema struct {
	Type                 any
	Enum                 []any
	Description          string
	Pattern              string
	Properties           map[string]schema
	PatternProperties    map[string]schema
	Items                *schema
	AdditionalProperties json.RawMessage
}

// walk notes every path that the schema knows, and what is wrong with it.
func (s schema) walk(t *testing.T, path string, described map[string]bool) {
	described[path] = true
	if s.Type == nil || s.Description == "" {
		t.Errorf("values.schema.json: %s lacks its type or its description", path)
	}
	if s.Pattern != "" {
		t.Errorf("values.schema.json: helm would show the pattern of %s: write \"if\": {\"pattern\": ...}, \"else\": "+
			"{\"const\": what to write}", path)
	}
	if s.Type == "array" {
		if s.Items == nil {
			t.Fatalf("values.schema.json: %s does not say what is in it", path)
		}
		s.Items.walk(t, path+"[]", described)
	}
	if s.Type == "object" && !kubernetes.MatchString(path) {
		s.closed(t, path, described)
	}
	for name, property := range s.Properties {
		property.walk(t, strings.TrimPrefix(path+"."+name, "."), described)
	}
}

// closed checks that an object is a map of described values, whose keys may have a form, or refuses every other member
// and names those that it has.
func (s schema) closed(t *testing.T, path string, described map[string]bool) {
	var rest struct {
		schema
		Not   json.RawMessage
		Const string
	}
	if err := json.Unmarshal(s.AdditionalProperties, &rest); err != nil {
		t.Fatalf("values.schema.json: additionalProperties of %s: %v", path, err)
	}
	switch {
	case s.PatternProperties != nil:
		for _, member := range s.PatternProperties {
			member.walk(t, path+".*", described)
		}
		if string(rest.Not) != "{}" || !strings.HasPrefix(rest.Const, "absent: the ") {
			t.Errorf("values.schema.json: additionalProperties of %q has to be {\"not\": {}, \"const\": \"absent: the key of "+
				"...\"}", path)
		}
		return
	case s.Properties == nil:
		rest.walk(t, path+".*", described)
		return
	}
	listed := strings.Split(strings.TrimSuffix(strings.TrimPrefix(rest.Const, "absent: only "), " may be here"), ", ")
	slices.Sort(listed)
	allowed := slices.DeleteFunc(slices.Sorted(maps.Keys(s.Properties)),
		func(name string) bool { return slices.Contains(removed, path+"."+name) })
	if diff := cmp.Diff(allowed, listed); diff != "" || string(rest.Not) != "{}" {
		t.Errorf("values.schema.json: additionalProperties of %q has to be {\"not\": {}, \"const\": \"absent: only "+
			"(members) may be here\"} (-members +listed):\n%s", path, diff)
	}
}

// Seen to fail for a use that is declared and not in the schema.
func TestTheSchemaKnowsEveryUseOfAVolume(t *testing.T) {
	var declared []any
	for _, folder := range jobspec.Folders() {
		declared = append(declared, folder.Use)
	}
	use := readSchema(t).Properties["jobs"].Properties["volumes"].Items.Properties["use"]
	if diff := cmp.Diff(declared, use.Enum); diff != "" {
		t.Errorf("values.schema.json: write the uses that pkg/jobspec/folder.go declares into the enum of jobs.volumes.use "+
			"(-declared +enum):\n%s", diff)
	}
}

// members are the paths of a tree, without what is in lists.
func members(path string, tree map[string]any) (paths []string) {
	for name, value := range tree {
		at := strings.TrimPrefix(path+"."+name, ".")
		paths = append(paths, at)
		if below, ok := value.(map[string]any); ok {
			paths = append(paths, members(at, below)...)
		}
	}
	return paths
}

func parent(path string) string {
	return path[:max(0, strings.LastIndex(path, "."))]
}

func readChart(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chart(), file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func readSchema(t *testing.T) (s schema) {
	t.Helper()
	if err := json.Unmarshal(readChart(t, "values.schema.json"), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// Each value has a comment of its own, in the line above it.
func TestEveryValueHasItsComment(t *testing.T) {
	lines := strings.Split(string(readChart(t, "values.yaml")), "\n")
	for i, line := range lines {
		key := regexp.MustCompile(`^ *[a-zA-Z]+:`).FindString(line)
		if key != "" && !strings.HasPrefix(strings.TrimSpace(lines[i-1]), "# ") {
			t.Errorf("values.yaml, line %d: %s has no comment", i+1, key)
		}
	}
}
