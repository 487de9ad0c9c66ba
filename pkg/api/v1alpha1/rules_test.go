package v1alpha1_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// apply is what kubectl apply does with a manifest, without storing it.
func apply(t *testing.T, manifest string) error {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &object.Object); err != nil {
		t.Fatalf("%v:\n%s", err, manifest)
	}
	object.SetNamespace(metav1.NamespaceDefault)
	strict := client.WithFieldValidation(clustertest.Start(t).Client, metav1.FieldValidationStrict)
	return strict.Create(t.Context(), object, client.DryRunAll)
}

// manifestOf is a schedule with that spec, in YAML's flow form.
func manifestOf(name, spec string) string {
	return fmt.Sprintf("apiVersion: maintenance.ucorefs.io/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: "+
		"%s}\nspec: {%s}\n", name, spec)
}

// at is a spec of a task at a harmless time, with that in addition.
func at(task, more string) string {
	return fmt.Sprintf(`task: %s, schedule: "0 3 * * *", %s`, task, more)
}

// Each wrong spec is refused by the API server, before anything is stored, and the message says what to write.
func TestTheAPIServerRefusesAWrongSpecAndSaysWhatToWrite(t *testing.T) {
	tests := map[string]struct{ spec, says string }{
		"both schedule and interval": {`task: verify-references, schedule: "@daily", interval: 6h`,
			"write exactly one of schedule"},
		"neither schedule nor interval": {`task: verify-references`, "write exactly one of schedule"},
		"no task":                       {`schedule: "@daily"`, "spec.task: Required value"},
		"an unknown task": {`task: rebuild-counts, schedule: "@daily"`,
			"unknown task: use rebuild-all-counts, rebuild-album-references"},
		"an alias of no task": {`task: maintenance_everything, schedule: "@daily"`,
			"unknown task: use rebuild-all-counts"},
		"a schedule in words": {`task: verify-references, schedule: "every day"`,
			"minute hour day month weekday, such as '0 3 * * *'"},
		"a schedule with seconds": {`task: verify-references, schedule: "0 0 3 * * *"`, "write five fields"},
		"a zone in the schedule": {`task: verify-references, schedule: "TZ=Europe/Berlin 0 3 * * *"`,
			"write the zone in timeZone"},
		"a zone alone, which panics cron": {`task: verify-references, schedule: "TZ=0"`, "write the zone in timeZone"},
		"a period in the schedule":        {`task: verify-references, schedule: "@every 6h"`, "write the period in interval"},
		"an empty schedule":               {`task: verify-references, schedule: ""`, "at least 1 chars long"},
		"a secondary for a task that changes what one look found": {at("cleanup-old-records",
			"readPreference: SecondaryPreferred"),
			"readPreference: only rebuild-all-counts, verify-references, background-count-verification may read from a " +
				"secondary"},
		"an interval in days": {`task: verify-references, interval: 1d`,
			"at least 1m and at most 8760h (a day is 24h)"},
		"an interval of seconds": {`task: verify-references, interval: 30s`, "at least 1m"},
		"an interval of years":   {`task: verify-references, interval: 9999h`, "at most 8760h"},
		"a negative interval": {`task: verify-references, interval: -5m`,
			"interval: write hours, minutes and seconds"},
		"a preferred hour of a schedule": {at("verify-references", `preferredHour: 3`),
			"preferredHour goes with interval"},
		"a preferred hour of five hours": {`task: verify-references, interval: 5h, preferredHour: 3`,
			"1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h"},
		"a preferred hour past the day": {`task: verify-references, interval: 24h, preferredHour: 24`,
			"less than or equal to 23"},
		"the machine's time zone": {at("verify-references", `timeZone: Local`),
			"write an IANA name, such as Europe/Berlin"},
		"a time zone of figures":    {at("verify-references", `timeZone: "+02:00"`), "write an IANA name"},
		"an initial delay in words": {at("verify-references", `initialDelay: soon`), "such as 300s or 5m"},
		"a deadline of seconds":     {at("verify-references", `activeDeadline: 30s`), "at least 1m and at most 168h"},
		"no history":                {at("verify-references", `historyLimit: 0`), "greater than or equal to 1"},
		"a history without end":     {at("verify-references", `historyLimit: 51`), "less than or equal to 50"},
		"endless retries":           {at("verify-references", `retry: {limit: 11}`), "less than or equal to 10"},
		"negative retries":          {at("verify-references", `retry: {limit: -1}`), "greater than or equal to 0"},
		"an unknown priority": {at("verify-references", `priority: Urgent`),
			`supported values: "Low", "Normal", "High"`},
		"an idle threshold in words": {at("verify-references", `idle: {threshold: long}`), "such as 5m"},
		"an unknown end of the wait": {at("verify-references", `idle: {onTimeout: Fail}`),
			`supported values: "Skip", "Run"`},
		"a watch longer than the wait": {at("verify-references",
			`idle: {threshold: 1h, http: {url: "http://app/idle"}}`), "let maxWait be the longer one"},
		"a probe without a scheme": {at("verify-references", `idle: {http: {url: "app:8080/idle"}}`),
			"write http://HOST:PORT/PATH or https://"},
		"a probe with a password": {at("verify-references", `idle: {http: {url: "http://u:p@app/idle"}}`),
			"without a user name, a password"},
		"a probe with a fragment": {at("verify-references", `idle: {http: {url: "http://app/#idle"}}`),
			"write http://HOST:PORT/PATH"},
		"a probe without an address": {at("verify-references", `idle: {http: {}}`),
			"spec.idle.http.url: Required value"},
		"a query and nobody to ask": {at("verify-references", `idle: {prometheus: {query: up}}`),
			"spec.idle.prometheus.url: Required value"},
		"nobody's query": {at("verify-references", `idle: {prometheus: {url: "http://p:9090"}}`),
			"spec.idle.prometheus.query: Required value"},
		"Prometheus with a password": {at("verify-references",
			`idle: {prometheus: {url: "http://u:p@p:9090", query: up}}`), "write http://HOST:PORT or https://"},
		"a largest value in words": {at("verify-references",
			`idle: {prometheus: {url: "http://p:9090", query: up, max: two}}`),
			"idle.prometheus.max: write a number, such as 2 or '0.5'"},
		"fewer operations than none": {at("verify-references", `idle: {database: {operationsPerSecond: -1}}`),
			"greater than or equal to 0"},
		"database activity without a limit": {at("verify-references", `idle: {database: {}}`),
			"operationsPerSecond: Required value"},
		"a window past midnight": {at("verify-references", `window: {start: "24:00", end: "06:00"}`),
			"write HH:MM between 00:00 and 23:59"},
		"more than all": {at("cleanup-orphaned-records", `limits: {maxDeletePercent: 101}`),
			"less than or equal to 100"},
		"a negative share": {at("cleanup-orphaned-records", `limits: {maxDeletePercent: -1}`),
			"greater than or equal to 0"},
		"a negative number of deletions": {at("cleanup-orphaned-records", `limits: {maxDeletes: -1}`),
			"greater than or equal to 0"},
		"a grace period in days": {at("cleanup-orphaned-records", `limits: {gracePeriod: 7d}`), "such as 168h"},
		"a digest that is none": {at("cleanup-orphaned-records", `limits: {allowPlan: "any plan!"}`),
			"copy status.lastRun.planDigest"},
		"a cache's parameters elsewhere": {at("verify-references", `cacheCleanup: {}`),
			"remove it, or set task to cache-cleanup"},
		"a log's parameters elsewhere": {at("verify-references", `logRotation: {}`),
			"remove it, or set task to log-rotation"},
		"old records' parameters elsewhere": {at("verify-references", `cleanupOldRecords: {}`),
			"remove it, or set task to cleanup-old-records"},
		"a budget elsewhere": {at("verify-references", `backgroundCountVerification: {}`),
			"set task to background-count-verification"},
		"a threshold elsewhere": {at("verify-references", `databaseOptimization: {}`),
			"set task to database-optimization"},
		"path maps elsewhere": {at("verify-references", `cleanupOrphanedFileRecords: {}`),
			"set task to cleanup-orphaned-file-records"},
		"a negative age": {at("cache-cleanup", `cacheCleanup: {maxAgeDays: -1}`),
			"greater than or equal to 0"},
		"an age of a thousand years": {at("cache-cleanup", `cacheCleanup: {maxAgeDays: 365000}`),
			"less than or equal to 36500"},
		"no generation of a log": {at("log-rotation", `logRotation: {maxFiles: 0}`), "greater than or equal to 1"},
		"a cache of ten bytes": {at("cache-cleanup", `cacheCleanup: {maxSize: 10}`),
			"cacheCleanup.maxSize: it is 10, which is less than 1Mi, and a number without a unit is in bytes: did you " +
				"mean 10Gi?"},
		"a cache of ten bytes, as text": {at("cache-cleanup", `cacheCleanup: {maxSize: "10"}`), "did you mean 10Gi?"},
		"a log of ten bytes":            {at("log-rotation", `logRotation: {maxSize: 10}`), "did you mean 10Mi?"},
		"a threshold of kilobytes": {at("database-optimization", `databaseOptimization: {compactThreshold: 64Ki}`),
			"write 1Mi or more"},
		"a cache of gigabytes": {at("cache-cleanup", `cacheCleanup: {maxSize: 1Gb}`),
			"cacheCleanup.maxSize: 1Gb is not a quantity: write 1Gi"},
		"a log of many words": {at("log-rotation", `logRotation: {maxSize: big}`),
			"logRotation.maxSize: big is not a quantity: write a number with Mi, Gi or Ti, such as 100Mi"},
		"a threshold of megabytes": {at("database-optimization", `databaseOptimization: {compactThreshold: 64 MB}`),
			"write 64Mi"},
		"a memory of gigabytes": {at("verify-references", `job: {resources: {limits: {memory: 1Gb}}}`),
			"job.resources.limits: write Kubernetes quantities, such as cpu: 250m and memory: 1Gi"},
		"half a processor in words": {at("verify-references", `job: {resources: {requests: {cpu: half}}}`),
			"job.resources.requests: write Kubernetes quantities"},
		"a label's key with a blank": {at("verify-references", `job: {labels: {"the team": a}}`),
			"job.labels: the key of a label has only letters"},
		"an annotation's key in slashes": {at("verify-references", `job: {annotations: {a/b/c: x}}`),
			"job.annotations: the key of an annotation"},
		"a node's label with a blank": {at("verify-references", `job: {nodeSelector: {"the zone": a}}`),
			"job.nodeSelector: the key of a label"},
		"a resource that is none": {at("verify-references", `job: {resources: {limits: {mem: 1Gi}}}`),
			"job.resources.limits: write cpu, memory, ephemeral-storage"},
		"a request for what is none": {at("verify-references", `job: {resources: {requests: {ram: 1Gi}}}`),
			"job.resources.requests: write cpu, memory, ephemeral-storage"},
		"a window after its day": {at("verify-references", `window: {start: "00:00", end: "24:01"}`),
			"between 00:00 and 24:00"},
		"an empty window": {at("verify-references", `window: {start: "06:00", end: "06:00"}`),
			"all day is 00:00 to 24:00"},
		"the model of an earlier release": {at("verify-references", `database: {modelConfigMap: films-model}`),
			"name that ConfigMap in database.libraryConfigMap"},
		"a connection string as a Secret": {at("verify-references", `database: {secretName: "mongodb://db"}`),
			"the connection string itself never goes here"},
		"a connection string as a key": {at("verify-references", `database: {secretKey: "mongodb://db"}`),
			"write a key of the Secret, such as uri"},
		"a database with a slash": {at("verify-references", `database: {name: a/b}`),
			"without slashes, dots, spaces or quotes"},
		"a claim with a slash": {volume(`claimName: /dev/sda, mountPath: /library, use: Library`),
			"name of a PersistentVolumeClaim"},
		"a volume over the image's files": {volume(`claimName: a, mountPath: /etc, use: Library`),
			"at or below /library, /data, /mnt"},
		"a volume that climbs": {volume(`claimName: a, mountPath: /library/../etc, use: Library`),
			"without a trailing slash, '..'"},
		"a sub-path that climbs": {volume(`claimName: a, mountPath: /library, subPath: a/../../b, use: Library`),
			"without '..'"},
		"a sub-path from the root": {volume(`claimName: a, mountPath: /library, subPath: /b, use: Library`),
			"write a relative path inside the claim"},
		"a volume of no use": {volume(`claimName: a, mountPath: /library, use: Home`),
			`supported values: "Library", "Cache", "Logs", "Index"`},
		"a volume without a claim": {volume(`mountPath: /library, use: Library`), "claimName: Required value"},
		"a host path": {volume(`claimName: a, hostPath: {path: /}, mountPath: /library, use: Library`),
			`unknown field "spec.volumes[0].hostPath"`},
		"two volumes at one place": {at("cache-cleanup",
			`volumes: [{claimName: a, mountPath: /cache, use: Cache}, {claimName: b, mountPath: /cache, use: Cache}]`),
			"Duplicate value"},
		"a relative target of a path map": {at("cleanup-orphaned-file-records",
			`cleanupOrphanedFileRecords: {pathMaps: [{from: "D:/", to: library}]}`), "write an absolute path in the pod"},
		"a path map with an equals sign": {at("cleanup-orphaned-file-records",
			`cleanupOrphanedFileRecords: {pathMaps: [{from: "a=b", to: /library}]}`), "map a shorter beginning of the path"},
		"a label of Kubernetes": {at("verify-references", `job: {labels: {app.kubernetes.io/name: x}}`),
			"use a prefix of your own"},
		"a label of ours": {at("verify-references", `job: {labels: {maintenance.ucorefs.io/schedule: x}}`),
			"use a prefix of your own"},
		"an image": {at("verify-references", `job: {image: busybox}`), `unknown field "spec.job.image"`},
		"a service account": {at("verify-references", `job: {serviceAccountName: admin}`),
			`unknown field "spec.job.serviceAccountName"`},
		"a field that does not exist": {at("verify-references", `suspended: true`), `unknown field "spec.suspended"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := apply(t, manifestOf("nightly", test.spec))
			if err == nil {
				t.Fatalf("it was accepted: %s", test.spec)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("the message lacks %q:\n%v", test.says, err)
			}
		})
	}
}

func volume(fields string) string { return at("cache-cleanup", "volumes: [{"+fields+"}]") }

func TestTheAPIServerRefusesANameThatNoRunCouldBear(t *testing.T) {
	err := apply(t, manifestOf(strings.Repeat("a", 53), `task: verify-references, interval: 6h`))
	if err == nil || !strings.Contains(err.Error(), "longer than 52 characters") {
		t.Errorf("got %v", err)
	}
	if err := apply(t, manifestOf(strings.Repeat("a", 52), `task: verify-references, interval: 6h`)); err != nil {
		t.Errorf("52 characters: %v", err)
	}
}

func TestTheAPIServerAcceptsWhatIsRight(t *testing.T) {
	tests := map[string]string{
		"cron with names":                     `task: verify-references, schedule: "*/15 8-18 * JAN-JUN MON-FRI"`,
		"a descriptor":                        `task: verify-references, schedule: "@weekly"`,
		"a zone with a region":                at("verify-references", `timeZone: America/Argentina/Buenos_Aires`),
		"a mixed interval":                    `task: verify-references, interval: 1h30m`,
		"a day in minutes":                    `task: verify-references, interval: 1440m, preferredHour: 0`,
		"the primary, in words, for any task": at("cleanup-old-records", `readPreference: Primary`),
		"a secondary for a task that looks twice, by an alias": at("background_verification",
			`readPreference: SecondaryPreferred`),
		"no grace":          at("cleanup-orphaned-file-records", `limits: {gracePeriod: 0s}`),
		"the idle defaults": at("verify-references", `idle: {}`),
		"all that idle can say": at("verify-references", `idle: {threshold: 1m, maxWait: 1m, onTimeout: Run, database: {operationsPerSecond: 0},
			http: {url: "https://app.example:8443/idle?for=maintenance"}, prometheus: {url: "http://[fd00::1]:9090/prom", query: "up", max: "0.5"}}`),
		"quantities of every form": at("verify-references", `job: {resources: {requests: {cpu: "0.1", memory: 64Mi, example.com/gpu: 1, ephemeral-storage: 1e9},
			limits: {cpu: 2, memory: "134217728", example.com/gpu: "1", hugepages-2Mi: 64Mi}}}`),
		"all day":            at("verify-references", `window: {start: "00:00", end: "24:00", days: [Sat, Sun]}`),
		"all day, in short":  at("verify-references", `window: {start: "00:00", days: [Sat, Sun]}`),
		"a size of one unit": at("cache-cleanup", `cacheCleanup: {maxSize: 1Mi}`),
		"a heartbeat alone":  at("verify-references", `idle: {threshold: 1h, maxWait: 0s}`),
		"a sub-path":         volume(`claimName: scratch, mountPath: /cache/thumbs, subPath: thumbs/2024, use: Cache`),
		"two uses of a claim": at("cache-cleanup",
			`volumes: [{claimName: a, mountPath: /cache, use: Cache}, {claimName: a, mountPath: /logs, use: Logs}]`),
	}
	for _, task := range jobspec.Tasks() {
		for _, name := range append([]string{task.Name}, task.Aliases...) {
			tests["the task "+name] = fmt.Sprintf("task: %s, interval: 6h", name)
		}
	}
	for name, spec := range tests {
		t.Run(name, func(t *testing.T) {
			if err := apply(t, manifestOf("nightly", spec)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheAPIServerAcceptsEverySample(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(tooltest.Root(), "config", "samples", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, manifest := range strings.Split(string(content), "\n---\n") {
			t.Run(fmt.Sprintf("%s %d", filepath.Base(file), i), func(t *testing.T) {
				if err := apply(t, manifest); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
