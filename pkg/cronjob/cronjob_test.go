package cronjob

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

var update = flag.Bool("update", false, "write the golden files again")

func settings() Settings {
	return Settings{
		Image:            "maint-job:test",
		PullPolicy:       corev1.PullIfNotPresent,
		ServiceAccount:   "maintenance-jobs",
		LowPriorityClass: "maintenance-low", NormalPriorityClass: "maintenance-normal", ProgressPort: 8082,
		Database: v1alpha1.DatabaseSpec{SecretName: "ucorefs-mongodb", SecretKey: "uri"},
		Resources: v1alpha1.ResourcesSpec{
			Requests: corev1.ResourceList{"cpu": resource.MustParse("50m"), "memory": resource.MustParse("64Mi")},
			Limits:   corev1.ResourceList{"memory": resource.MustParse("512Mi")},
		},
	}
}

func scheduleOf(spec v1alpha1.MaintenanceScheduleSpec) *v1alpha1.MaintenanceSchedule {
	return &v1alpha1.MaintenanceSchedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: "media", Name: "nightly", UID: "6c0a1d1e-0000-4000-8000-000000000001"},
		Spec:       spec,
	}
}

func duration(d time.Duration) *metav1.Duration { return &metav1.Duration{Duration: d} }

// everything sets each field that has an effect on the task cache-cleanup.
func everything() v1alpha1.MaintenanceScheduleSpec {
	return v1alpha1.MaintenanceScheduleSpec{
		Task: "maintenance_cache_cleanup", Interval: duration(6 * time.Hour), PreferredHour: new(int32(3)),
		TimeZone: "Europe/Berlin",
		Suspend:  true, DryRun: true, Priority: v1alpha1.PriorityNormal,
		Idle: &v1alpha1.IdleSpec{Threshold: duration(10 * time.Minute), MaxWait: duration(time.Hour),
			OnTimeout: v1alpha1.IdleOnTimeoutRun,
			Database:  &v1alpha1.IdleDatabaseSpec{OperationsPerSecond: new(int32(20))},
			HTTP:      &v1alpha1.IdleHTTPSpec{URL: "http://uexplorer:8080/idle"},
			Prometheus: &v1alpha1.IdlePrometheusSpec{URL: "http://prometheus:9090",
				Query: `sum(rate(http_requests_total{job="uexplorer"}[2m]))`, Max: new(resource.MustParse("500m"))}},
		Window:         &v1alpha1.WindowSpec{Start: "22:00", End: "06:00", Days: []v1alpha1.Weekday{"Fri", "Sat"}},
		Retry:          &v1alpha1.RetrySpec{Limit: new(int32(0))},
		ActiveDeadline: duration(2 * time.Hour),
		Limits: &v1alpha1.LimitsSpec{MaxDeletePercent: new(int32(1)), MaxDeletes: new(int32(50)),
			GracePeriod: duration(48 * time.Hour), AllowPlan: "sha256:12ab"},
		TaskParameters: v1alpha1.TaskParameters{CacheCleanup: &v1alpha1.CacheCleanupSpec{MaxSize: new(resource.MustParse("20Gi")), MaxAgeDays: new(int32(7))}},
		Volumes: []v1alpha1.VolumeSpec{
			{ClaimName: "scratch", MountPath: "/cache/thumbs", SubPath: "thumbs", Use: v1alpha1.UseCache},
			{ClaimName: "scratch", MountPath: "/cache/temp", SubPath: "temp", Use: v1alpha1.UseCache},
			{ClaimName: "photos", MountPath: "/library/photos", Use: v1alpha1.UseLibrary},
		},
		Job: &v1alpha1.JobSpec{
			Resources: &v1alpha1.ResourcesSpec{Limits: corev1.ResourceList{"memory": resource.MustParse("1Gi")}},
			User:      new(int64(1000)), Group: new(int64(1001)), SupplementalGroups: []int64{2000, 2001},
			FSGroup: new(int64(1002)), FSGroupChangePolicy: corev1.FSGroupChangeAlways,
			NodeSelector: map[string]string{"disk": "local"},
			Tolerations:  []corev1.Toleration{{Key: "media", Operator: corev1.TolerationOpExists}},
			Labels:       map[string]string{"example.com/team": "media", v1alpha1.LabelSchedule: "another"},
			Annotations:  map[string]string{"linkerd.io/inject": "disabled"},
		},
	}
}

func TestCronJobGolden(t *testing.T) {
	tests := map[string]v1alpha1.MaintenanceScheduleSpec{
		"minimal": {Task: jobspec.RebuildAllCounts, Schedule: "0 3 * * *"},
		"every-90-minutes": {Task: jobspec.VerifyReferences, Interval: duration(90 * time.Minute),
			Database: &v1alpha1.DatabaseSpec{SecretName: "other", SecretKey: "url", Name: "films",
				LibraryConfigMap: "films-library", TLSSecretName: "films-tls", TokenAudience: "mongodb"}},
		"everything": everything(),
		"file-records": {Task: jobspec.CleanupOrphanedFileRecords, Schedule: "@weekly",
			TaskParameters: v1alpha1.TaskParameters{CleanupOrphanedFileRecords: &v1alpha1.CleanupOrphanedFileRecordsSpec{PathMaps: []v1alpha1.PathMap{{From: "D:/Photos", To: "/library/photos"}}}},
			Volumes: []v1alpha1.VolumeSpec{{ClaimName: "photos", MountPath: "/library/photos",
				Use: v1alpha1.UseLibrary}}},
	}
	for name, spec := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := Resolve(scheduleOf(spec), settings())
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name+".yaml", r.CronJob(false, time.Time{}))
			if name == "minimal" {
				compareGolden(t, "manual-job.yaml", r.ManualJob(ManualJobName(r.owner, "2026-11-25", 0), "2026-11-25",
					r.owner.Spec.DryRun))
			}
		})
	}
}

// Seen to fail when arguments were written as they are: the kubelet then put the connection string into the address.
func TestNoArgumentBringsTheSecretAlong(t *testing.T) {
	r, err := Resolve(scheduleOf(v1alpha1.MaintenanceScheduleSpec{Task: jobspec.CleanupOrphanedFileRecords,
		Schedule:       "@weekly",
		TaskParameters: v1alpha1.TaskParameters{CleanupOrphanedFileRecords: &v1alpha1.CleanupOrphanedFileRecordsSpec{PathMaps: []v1alpha1.PathMap{{From: "$$(MONGODB_URI)", To: "/library"}}}},
		Volumes:        []v1alpha1.VolumeSpec{{ClaimName: "photos", MountPath: "/library", Use: v1alpha1.UseLibrary}},
		Idle:           &v1alpha1.IdleSpec{HTTP: &v1alpha1.IdleHTTPSpec{URL: "http://elsewhere/?$(MONGODB_URI)"}}}),
		settings())
	if err != nil {
		t.Fatal(err)
	}
	args := r.CronJob(false, time.Time{}).Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args
	for _, want := range []string{"--idle-http-url=http://elsewhere/?$$(MONGODB_URI)",
		"--path-map=$$$$(MONGODB_URI)=/library"} {
		if !slices.Contains(args, want) {
			t.Errorf("no argument is %s: %q", want, args)
		}
	}
}

func compareGolden(t *testing.T, name string, object any) {
	t.Helper()
	got, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it again):\n%s", path, diff)
	}
}

func TestResolveRefuses(t *testing.T) {
	tests := map[string]struct {
		spec   v1alpha1.MaintenanceScheduleSpec
		reason string
		says   string
	}{
		"an unknown task": {v1alpha1.MaintenanceScheduleSpec{Task: "rebuild-counts", Schedule: "@daily"},
			v1alpha1.ReasonUnknownTask, "rebuild-all-counts"},
		"an impossible date": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "0 0 30 2 *"},
			v1alpha1.ReasonInvalidSchedule, "never fires"},
		"an unknown zone": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
			TimeZone: "Mars/Base"}, v1alpha1.ReasonInvalidTimeZone, "Europe/Berlin"},
		"a window without a slot": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
			Window: &v1alpha1.WindowSpec{Start: "01:00", End: "02:00"}}, v1alpha1.ReasonInvalidWindow,
			"never lies in the window 01:00-02:00"},
		"a window on another day": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "* * * * 1-5",
			Window: &v1alpha1.WindowSpec{Start: "01:00", End: "02:00", Days: []v1alpha1.Weekday{"Sat", "Sun"}}},
			v1alpha1.ReasonInvalidWindow, "Sat,Sun"},
		"a cache without a volume": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.CacheCleanup, Schedule: "@daily"},
			v1alpha1.ReasonVolumeMissing, "use Cache"},
		"a negative size": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.DatabaseOptimization, Schedule: "@daily",
			TaskParameters: v1alpha1.TaskParameters{DatabaseOptimization: &v1alpha1.DatabaseOptimizationSpec{CompactThreshold: new(resource.MustParse("-1"))}}}, v1alpha1.ReasonInvalidParameters, "compact-threshold-mb"},
		"a cache of ten bytes": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.CacheCleanup, Schedule: "@daily",
			Volumes: []v1alpha1.VolumeSpec{
				{ClaimName: "a", MountPath: "/cache", Use: v1alpha1.UseCache}},
			TaskParameters: v1alpha1.TaskParameters{CacheCleanup: &v1alpha1.CacheCleanupSpec{MaxSize: new(resource.MustParse("10"))}}},
			v1alpha1.ReasonInvalidParameters, "did you mean 10Gi?"},
		"a threshold of kilobytes": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.DatabaseOptimization, Schedule: "@daily",
			TaskParameters: v1alpha1.TaskParameters{DatabaseOptimization: &v1alpha1.DatabaseOptimizationSpec{CompactThreshold: new(resource.MustParse("64Ki"))}}}, v1alpha1.ReasonInvalidParameters, "write 1Mi or more"},
		"a memory of bytes": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
			Job: &v1alpha1.JobSpec{
				Resources: &v1alpha1.ResourcesSpec{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512")}}}},
			v1alpha1.ReasonInvalidParameters,
			"spec.job.resources.limits.memory: it is 512, which is less than 1Mi, and a number without a unit is in bytes: " +
				"did you mean 512Mi?"},
		"a label with a blank": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
			Job: &v1alpha1.JobSpec{
				Labels: map[string]string{"example.com/team": "the media team"}}}, v1alpha1.ReasonInvalidParameters,
			`spec.job.labels: "example.com/team": "the media team" is no label`},
		"a node selector that is none": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
			Job: &v1alpha1.JobSpec{
				NodeSelector: map[string]string{"a/b/c": "x"}}}, v1alpha1.ReasonInvalidParameters,
			`spec.job.nodeSelector: "a/b/c"`},
		"an annotation with a blank": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
			Job: &v1alpha1.JobSpec{
				Annotations: map[string]string{"linkerd.io/in ject": "disabled"}}}, v1alpha1.ReasonInvalidParameters,
			`spec.job.annotations: "linkerd.io/in ject": "disabled" is no annotation`},
		"a model of an earlier version": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
			Database: &v1alpha1.DatabaseSpec{ModelConfigMap: "films-model"}}, v1alpha1.ReasonInvalidParameters,
			"spec.database.libraryConfigMap"},
		"two log folders": {v1alpha1.MaintenanceScheduleSpec{Task: jobspec.LogRotation, Schedule: "@daily",
			Volumes: []v1alpha1.VolumeSpec{
				{ClaimName: "a", MountPath: "/logs/a", Use: v1alpha1.UseLogs}, {ClaimName: "b", MountPath: "/logs/b",
					Use: v1alpha1.UseLogs}}}, v1alpha1.ReasonInvalidParameters, "keep one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Resolve(scheduleOf(test.spec), settings())
			var problem *Problem
			if !errors.As(err, &problem) || problem.Reason != test.reason || !strings.Contains(problem.Message, test.says) {
				t.Errorf("got %v, want %s with %q", err, test.reason, test.says)
			}
		})
	}
}

func TestResolveNeedsADatabaseOnlyWhereTheTaskUsesOne(t *testing.T) {
	none := settings()
	none.Database = v1alpha1.DatabaseSpec{}
	_, err := Resolve(scheduleOf(v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily"}),
		none)
	var problem *Problem
	if !errors.As(err, &problem) || problem.Reason != v1alpha1.ReasonDatabaseNotConfigured {
		t.Errorf("verify-references without a Secret: got %v", err)
	}
	if _, err := Resolve(scheduleOf(everything()), none); err != nil {
		t.Errorf("cache-cleanup without a Secret: got %v", err)
	}
}

func TestNotesNameWhatHasNoEffect(t *testing.T) {
	spec := everything()
	spec.PreferredHour, spec.Priority, spec.Database = nil, v1alpha1.PriorityHigh, &v1alpha1.DatabaseSpec{Name: "films"}
	withWindow, err := Resolve(scheduleOf(spec), settings())
	if err != nil || strings.Contains(strings.Join(withWindow.Notes, "\n"), "spec.timeZone") {
		t.Errorf("the zone is the window's, and the notes say %q (%v)", withWindow.Notes, err)
	}
	spec.Interval = duration(36 * time.Hour)
	everySecondHalfDay, err := Resolve(scheduleOf(spec), settings())
	if err != nil || !strings.Contains(strings.Join(everySecondHalfDay.Notes, "\n"),
		"spec.window may never be open when a run is due: an interval of 36h0m0s counts") {
		t.Errorf("the notes say %q (%v)", everySecondHalfDay.Notes, err)
	}
	spec.Interval, spec.Window = duration(6*time.Hour), nil
	r, err := Resolve(scheduleOf(spec), settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"spec.timeZone", "spec.database", "spec.idle.database", "spec.priority",
		"spec.volumes /library/photos"} {
		if !strings.Contains(strings.Join(r.Notes, "\n"), field) {
			t.Errorf("no note about %s in %q", field, r.Notes)
		}
	}
}

func TestManualJobNames(t *testing.T) {
	ms := scheduleOf(v1alpha1.MaintenanceScheduleSpec{})
	ms.Name = strings.Repeat("n", 52)
	name := ManualJobName(ms, "1", 0)
	again := ms.DeepCopy()
	again.UID = "6c0a1d1e-0000-4000-8000-000000000002"
	switch {
	case len(name) > 63:
		t.Errorf("%q has %d characters", name, len(name))
	case name != ManualJobName(ms, "1", 0):
		t.Error("the same value gives two names")
	case name == ManualJobName(ms, "2", 0), name == ManualJobName(again, "1", 0), name == ManualJobName(ms, "1", 1):
		t.Error("another value, or another schedule of that name, gives the same name")
	}
}

// Property: whatever the spec, the job parses the command line to the very options that were meant, the pod keeps to
// Pod Security "restricted", and building it again makes no difference.
func TestEveryCronJobIsSound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		spec := randomSpec(random)
		r, err := Resolve(scheduleOf(spec), settings())
		if err != nil {
			t.Fatalf("%+v: %v", spec, err)
		}
		built := r.CronJob(false, time.Time{})
		if again := r.CronJob(false, time.Time{}); Differs(again, built, "") {
			t.Fatalf("%+v: two builds differ", spec)
		}
		pod := built.Spec.JobTemplate.Spec.Template.Spec
		checkArgs(t, r, pod.Containers[0].Args)
		checkRestricted(t, pod)
	}
}

func randomSpec(random *rand.Rand) v1alpha1.MaintenanceScheduleSpec {
	spec := everything()
	tasks := []v1alpha1.TaskName{jobspec.CacheCleanup, jobspec.VerifyReferences, jobspec.CleanupOrphanedFileRecords}
	spec.Task = tasks[random.IntN(len(tasks))]
	spec.DryRun, spec.Suspend = random.IntN(2) == 0, random.IntN(2) == 0
	spec.ActiveDeadline = duration(time.Duration(60+random.IntN(100000)) * time.Second)
	spec.Limits.MaxDeletes = new(int32(random.IntN(1 << 30)))
	spec.CacheCleanup.MaxSize = resource.NewQuantity(random.Int64N(1<<45), resource.BinarySI)
	if random.IntN(2) == 0 {
		spec.Idle, spec.Job = nil, nil
	}
	return spec
}

func checkArgs(t *testing.T, r *Resolved, args []string) {
	t.Helper()
	parsed := jobspec.Defaults()
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	parsed.AddFlags(fs)
	if err := fs.Parse(args[2:]); err != nil {
		t.Fatal(err)
	}
	parsed.Task = args[1]
	if !reflect.DeepEqual(parsed, r.options) {
		t.Fatal(cmp.Diff(r.options, parsed))
	}
}

func checkRestricted(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	c := pod.Containers[0].SecurityContext
	for what, ok := range map[string]bool{
		"runs as non-root":             *pod.SecurityContext.RunAsNonRoot && *pod.SecurityContext.RunAsUser != 0,
		"has a seccomp profile":        pod.SecurityContext.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
		"does not escalate privileges": !*c.AllowPrivilegeEscalation,
		"drops all capabilities":       fmt.Sprint(c.Capabilities.Drop) == "[ALL]" && len(c.Capabilities.Add) == 0,
		"has a read-only root":         *c.ReadOnlyRootFilesystem,
		"has no token":                 !*pod.AutomountServiceAccountToken,
		"uses no host namespace":       !pod.HostNetwork && !pod.HostPID && !pod.HostIPC,
	} {
		if !ok {
			t.Errorf("it is not so that the pod %s", what)
		}
	}
	for _, v := range pod.Volumes {
		if v.EmptyDir == nil && v.PersistentVolumeClaim == nil && v.DownwardAPI == nil {
			t.Errorf("volume %s is neither a claim, an emptyDir nor the pod's own annotation", v.Name)
		}
	}
}

func TestDiffers(t *testing.T) {
	r, err := Resolve(scheduleOf(everything()), settings())
	if err != nil {
		t.Fatal(err)
	}
	desired := r.CronJob(false, time.Time{})
	current := desired.DeepCopy()
	current.Labels["example.com/mine"] = "kept"
	if Differs(current, desired, "") {
		t.Error("a label of somebody else makes a difference")
	}
	delete(current.Labels, v1alpha1.LabelTask)
	if !Differs(current, desired, "") {
		t.Error("a label of ours that is gone makes no difference")
	}
	current = desired.DeepCopy()
	current.Spec.JobTemplate.Spec.Template.Spec.HostNetwork = true
	if !Differs(current, desired, "") {
		t.Error("a field that was set by hand makes no difference")
	}
}

// Where the cluster chooses the ids the pod names none, and is not root all the same.
func TestTheClusterMayChooseTheIDs(t *testing.T) {
	s := settings()
	s.ClusterIDs = true
	r, err := Resolve(scheduleOf(everything()), s)
	if err != nil {
		t.Fatal(err)
	}
	context := r.CronJob(false, time.Time{}).Spec.JobTemplate.Spec.Template.Spec.SecurityContext
	if context.RunAsUser != nil || context.RunAsGroup != nil || !*context.RunAsNonRoot {
		t.Errorf("the security context is %+v", context)
	}
}
