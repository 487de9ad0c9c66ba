package e2e

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/librarytest"
)

// The demo's promise: results that came from real pods.
func TestTwoSchedulesHaveAResultThatCameFromARealPod(t *testing.T) {
	needCluster(t)
	for name, task := range map[string]string{"verify-every-minute": "verify-references",
		"counts-nightly": "rebuild-all-counts"} {
		s := load(t, name)
		if s.Status.LastRun.Outcome != "Succeeded" || s.Status.LastRun.Task != task {
			t.Errorf("%s: last run is %+v", name, s.Status.LastRun)
		}
		job := kubectl(t, "get", "jobs", "-l", "maintenance.ucorefs.io/schedule="+name, "-o", "name")
		if !strings.Contains(job, "job.batch/"+s.Status.LastRun.Run) {
			t.Errorf("%s: the run %q is none of its Jobs:\n%s", name, s.Status.LastRun.Run, job)
		}
	}
}

// updated are the counts of documents whose counters were wrong.
var updated = []string{"tagsUpdated", "albumsUpdated", "directoriesUpdated", "annotationJobsUpdated"}

func TestTheDamageThatWasPlantedIsFoundAndTheCountersAreMended(t *testing.T) {
	needCluster(t)
	docs := librarytest.Generate(1, librarytest.Demo).Raw()
	want := map[string]int64{"filesChecked": int64(len(docs["file_records"]))}
	for _, broken := range librarytest.UCoreFS.Broken(docs) {
		want[broken.Kind]++
	}
	if verify := load(t, "verify-every-minute").Status.LastRun.Counts; !maps.Equal(verify, want) {
		t.Errorf("verify-references found %v, want %v", verify, want)
	}
	counts := load(t, "counts-nightly").Status.LastRun.Counts
	for _, key := range updated {
		if counts[key] == 0 {
			t.Errorf("rebuild-all-counts wrote no %s in a library with drifted counters: %v", key, counts)
		}
	}
	if kubectl(t, "get", "job", "recount", "-o", "jsonpath={.status.succeeded}") != "1" {
		t.Errorf("the independent recount disagrees:\n%s", kubectl(t, "logs", "job/recount"))
	}
}

func TestASecondManualRunFindsNothingToWrite(t *testing.T) {
	needCluster(t)
	s := runByHand(t, "counts-nightly")
	if s.Status.LastRun.Outcome != "Succeeded" {
		t.Errorf("the run ended as %+v", s.Status.LastRun)
	}
	for _, key := range updated {
		if n := s.Status.LastRun.Counts[key]; n != 0 {
			t.Errorf("%s = %d on a library that is right", key, n)
		}
	}
}

// The task sees the volume, read-only, through a real kubelet: all the files that the demo took away, and no other.
func TestAFileTaskFindsWhatIsGoneFromItsVolumeAndDeletesNothingYet(t *testing.T) {
	needCluster(t)
	s := runByHand(t, "gone-files-weekly")
	l := librarytest.Generate(1, librarytest.Demo)
	want := map[string]int64{
		"filesChecked":       int64(len(l.Docs["file_records"]) - l.Planted["virtual files"]),
		"recordsMissing":     int64(len(l.Missing)),
		"recordsWithoutFile": int64(l.Planted["virtual files"]),
		"recordsDeleted":     0,
		"directoriesUnknown": 0,
	}
	if s.Status.LastRun.Outcome != "Succeeded" {
		t.Errorf("the run ended as %+v", s.Status.LastRun)
	}
	for key, n := range want {
		if got := s.Status.LastRun.Counts[key]; got != n {
			t.Errorf("%s = %d, want %d", key, got, n)
		}
	}
}

func TestACronJobThatWasChangedOrDeletedByHandComesBack(t *testing.T) {
	needCluster(t)
	policy := func(schedule) bool {
		out, _ := run("kubectl", "", "-n", namespace, "get", "cronjob", "counts-nightly", "-o",
			"jsonpath={.spec.concurrencyPolicy}")
		return out == "Forbid"
	}
	kubectl(t, "patch", "cronjob", "counts-nightly", "--type=merge", "-p", `{"spec":{"concurrencyPolicy":"Allow"}}`)
	waitFor(t, "counts-nightly", "the CronJob to forbid concurrency again", policy)
	kubectl(t, "delete", "cronjob", "counts-nightly")
	waitFor(t, "counts-nightly", "the CronJob to exist again", policy)
}

func TestAForeignCronJobWithOurNameIsLeftAlone(t *testing.T) {
	needCluster(t)
	kubectl(t, "create", "cronjob", "foreign", "--image=none", "--schedule=0 0 1 1 *")
	t.Cleanup(func() { kubectl(t, "delete", "cronjob", "foreign", "--ignore-not-found") })
	apply(t, schedYAML("foreign", "task: verify-references", "interval: 24h"))
	s := waitFor(t, "foreign", "the condition that says so", func(s schedule) bool {
		status, _, _ := s.condition("Stalled")
		return status == "True"
	})
	if _, _, message := s.condition("Stalled"); !strings.Contains(message, "foreign") {
		t.Errorf("the condition does not name the CronJob: %q", message)
	}
	if got := kubectl(t, "get", "cronjob", "foreign", "-o", "jsonpath={.spec.schedule}"); got != "0 0 1 1 *" {
		t.Errorf("the foreign CronJob was changed: %s", got)
	}
}

// Each wrong spec is refused when it is applied, and the message says what to write.
func TestAWrongSpecIsRefusedWithWhatToWrite(t *testing.T) {
	needCluster(t)
	for name, c := range map[string]struct {
		spec []string
		says string
	}{
		"both schedule and interval": {[]string{"task: verify-references", `schedule: "0 3 * * *"`, "interval: 24h"},
			"exactly one of"},
		"neither":         {[]string{"task: verify-references"}, "exactly one of"},
		"an unknown task": {[]string{"task: rebuild-counts", "interval: 24h"}, "rebuild-all-counts"},
		"another task's parameters": {[]string{"task: verify-references", "interval: 24h", "cacheCleanup: {maxAgeDays: 3}"},
			"cache-cleanup"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := run("kubectl", schedYAML("wrong", c.spec...), "-n", namespace, "apply", "--dry-run=server", "-f", "-")
			if err == nil || !strings.Contains(out, c.says) {
				t.Errorf("want a refusal that says %q, got %v:\n%s", c.says, err, out)
			}
		})
	}
}

// The configuration that people have goes in as the README says: maint-job manifests -f config.json | kubectl apply -f
// -
func TestTheConfigurationPeopleHaveIsTaken(t *testing.T) {
	needCluster(t)
	for file, count := range map[string]int{"config.json": 5, "config-uexplorer.json": 6,
		"config-without-section.json": 6} {
		manifests := exec.Command(filepath.Join(root, "bin", "maint-job"), "manifests", "-f", "pkg/manifests/testdata/"+file,
			"--cache-dir=thumbs=/cache")
		manifests.Dir = root
		schedules, err := manifests.Output()
		if err != nil {
			t.Fatal(err)
		}
		out, err := run("kubectl", string(schedules), "-n", namespace, "apply", "--dry-run=server", "-f", "-")
		if err != nil || strings.Count(out, "created (server dry run)") != count {
			t.Errorf("%s: want %d schedules, got %v:\n%s", file, count, err, out)
		}
	}
}

func TestAnImpossibleCronIsStalledWithTheReason(t *testing.T) {
	needCluster(t)
	apply(t, schedYAML("impossible", "task: verify-references", `schedule: "0 0 30 2 *"`))
	s := waitFor(t, "impossible", "the Stalled condition", func(s schedule) bool {
		status, _, _ := s.condition("Stalled")
		return status == "True"
	})
	if _, _, message := s.condition("Stalled"); !strings.Contains(message, "0 0 30 2 *") {
		t.Errorf("the condition does not quote the schedule: %q", message)
	}
	if out, err := run("kubectl", "", "-n", namespace, "get", "cronjob", "impossible"); err == nil {
		t.Errorf("there is a CronJob for it:\n%s", out)
	}
}

func TestASecretThatDoesNotExistIsNamed(t *testing.T) {
	needCluster(t)
	apply(t, schedYAML("no-secret", "task: verify-references", "interval: 24h", "database: {secretName: nowhere}"))
	runNow(t, "no-secret")
	waitFor(t, "no-secret", "a condition that names the Secret", func(s schedule) bool {
		for _, c := range s.Status.Conditions {
			if strings.Contains(c.Message, "nowhere") {
				return true
			}
		}
		return false
	})
}

// A connection string that cannot be read fails the run with what to do, and no part of it is printed anywhere.
func TestAMalformedURIFailsWithoutBeingPrinted(t *testing.T) {
	needCluster(t)
	const secret = "hunter2hunter2"
	kubectl(t, "create", "secret", "generic", "bad-uri", "--from-literal=uri=mangodb://user:"+secret+"@host/")
	t.Cleanup(func() { kubectl(t, "delete", "secret", "bad-uri", "--ignore-not-found") })
	apply(t, schedYAML("bad-uri", "task: verify-references", "interval: 24h", "database: {secretName: bad-uri}"))
	runNow(t, "bad-uri")
	s := waitFor(t, "bad-uri", "the failed run", func(s schedule) bool { return s.Status.LastRun.Outcome != "" })
	if s.Status.LastRun.Outcome != "Failed" || s.Status.LastRun.Reason != "Configuration" {
		t.Errorf("the run ended as %+v", s.Status.LastRun)
	}
	everywhere := kubectl(t, "get", "msched,jobs,pods,events", "-o", "yaml") + kubectl(t, "logs",
		"job/"+s.Status.LastRun.Run)
	if strings.Contains(everywhere, secret) {
		t.Error("the password is printed somewhere")
	}
}

// What a Secret and the kubelet bring into a pod its user can read: the errors come from what is in the files, not from
// their being unreadable. The demo's database speaks no TLS and knows no OIDC.
func TestCertificatesAndATokenReachThePod(t *testing.T) {
	needCluster(t)
	const server = "mongodb://ferretdb." + namespace + ".svc.cluster.local:27017/?"
	for name, c := range map[string]struct{ uri, says string }{
		"tls": {server + "tls=true&tlsCAFile=/etc/mongodb-tls/ca.crt", "tlsCAFile name are no certificates"},
		"oidc": {server + "authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:k8s",
			`Unsupported authentication mechanism "MONGODB-OIDC"`},
	} {
		kubectl(t, "create", "secret", "generic", "uri-"+name, "--from-literal=uri="+c.uri, "--from-literal=ca.crt=none")
		t.Cleanup(func() { kubectl(t, "delete", "secret", "uri-"+name) })
		apply(t, schedYAML("by-"+name, "task: verify-references", "interval: 24h",
			fmt.Sprintf("database: {secretName: uri-%[1]s, tlsSecretName: uri-%[1]s, tokenAudience: mongodb}", name)))
		if s := runByHand(t, "by-"+name); !strings.Contains(s.Status.LastRun.Message, c.says) {
			t.Errorf("%s: the run ended as %+v", name, s.Status.LastRun)
		}
	}
}

func TestAllPodsPassTheRestrictedPodSecurityStandard(t *testing.T) {
	needCluster(t)
	out := kubectl(t, "label", "--dry-run=server", "--overwrite", "namespace", namespace,
		"pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/enforce-version=latest")
	if strings.Contains(strings.ToLower(out), "warning") {
		t.Error(out)
	}
}

func TestExplainReadsAsDocumentation(t *testing.T) {
	needCluster(t)
	out := kubectl(t, "explain", "msched.spec")
	for _, word := range []string{"schedule", "interval", "timeZone", "suspend", "dryRun"} {
		if !strings.Contains(out, word) {
			t.Errorf("kubectl explain msched.spec does not name %s", word)
		}
	}
	if strings.Contains(out, "<no description>") {
		t.Errorf("a field has no description:\n%s", out)
	}
}

// The demo is what a user runs again and again: the second call must not begin anew.
func TestASecondDemoCallSucceedsAndIsQuick(t *testing.T) {
	needCluster(t)
	start := time.Now()
	if err := demo("up"); err != nil {
		t.Fatal(err)
	}
	t.Logf("the second make demo took %s", time.Since(start).Round(time.Second))
}

// Removing the release must not remove what people wrote. helm's own test runs maint-job with the runs' image and
// account. Then everything goes but what is the user's.
func TestUninstallKeepsTheSchedules(t *testing.T) {
	needCluster(t)
	if out, err := run("helm", "", "test", "maintenance", "-n", namespace); err != nil {
		t.Errorf("helm test: %v\n%s", err, out)
	}
	if out, err := run("helm", "", "uninstall", "maintenance", "-n", namespace, "--wait"); err != nil {
		t.Fatalf("helm uninstall: %v\n%s", err, out)
	}
	if out := kubectl(t, "get", "msched", "-o", "name"); !strings.Contains(out, "counts-nightly") {
		t.Errorf("the schedules are gone: %s", out)
	}
}

func schedYAML(name string, spec ...string) string {
	return "apiVersion: maintenance.ucorefs.io/v1alpha1\nkind: MaintenanceSchedule\nmetadata:\n  name: " + name +
		"\nspec:\n  " + strings.Join(spec, "\n  ") + "\n"
}
