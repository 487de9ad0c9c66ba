package jobspec

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func TestDefaultsAreValidForEveryTask(t *testing.T) {
	for _, task := range Tasks() {
		o := Defaults()
		o.Task = task.Name
		if err := o.Validate(); err != nil {
			t.Errorf("%s: %v", task.Name, err)
		}
	}
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Options)
		says  string // empty: valid
	}{
		"an alias is a task":    {func(o *Options) { o.Task = "rebuild_all_counts" }, ""},
		"an unknown task":       {func(o *Options) { o.Task = "x" }, "unknown task"},
		"an unknown output":     {func(o *Options) { o.Output = "yaml" }, `--output="yaml": use text, json`},
		"an unknown log format": {func(o *Options) { o.LogFormat = "" }, `--log-format="": use text, json`},
		"an unknown log level": {func(o *Options) { o.LogLevel = "loud" },
			`--log-level="loud": use debug, info, warn, error`},
		"an unknown read preference": {func(o *Options) { o.ReadPreference = "nearest" },
			`--read-preference="nearest": use primary, secondaryPreferred`},
		"a secondary for a task that deletes": {func(o *Options) {
			o.Task, o.ReadPreference = CleanupOrphanedRecords,
				ReadSecondaryPreferred
		},
			"cleanup-orphaned-records reads from the primary only"},
		"an unknown throttle": {func(o *Options) { o.Throttle = "Off" },
			`--throttle="Off": use off, low, normal, by-priority`},
		"an unknown priority": {func(o *Options) { o.Priority = "High" },
			`--priority="High": use low, normal, high`},
		"a database with a dot":  {func(o *Options) { o.Database = "a.b" }, `--database="a.b"`},
		"a database of 64 bytes": {func(o *Options) { o.Database = strings.Repeat("a", 64) }, "63 bytes"},
		"a database of 63 bytes": {func(o *Options) { o.Database = strings.Repeat("a", 63) }, ""},
		"a relative library root": {func(o *Options) { o.LibraryRoots = []string{"/a", "b"} },
			`--library-root="b": use an absolute path`},
		"a relative cache folder": {func(o *Options) { o.CacheDirs = []string{"./b"} },
			`--cache-dir="./b": use an absolute path`},
		"a relative log folder": {func(o *Options) { o.LogDir = "logs" },
			`--log-dir="logs": use an absolute path`},
		"a relative index folder": {func(o *Options) { o.IndexDir = "~/faiss" },
			`--index-dir="~/faiss": use an absolute path`},
		"a path map without a target": {func(o *Options) { o.PathMaps = []string{"D:/Photos"} }, "use FROM=TO"},
		"a path map without a source": {func(o *Options) { o.PathMaps = []string{"=/library"} }, "use FROM=TO"},
		"a path map to a relative path": {func(o *Options) { o.PathMaps = []string{"D:/Photos=photos"} },
			"use FROM=TO"},
		"a path map from a Windows drive": {func(o *Options) { o.PathMaps = []string{"D:/Photos=/library/photos"} },
			""},
		"a negative number of deletions": {func(o *Options) { o.MaxDeletes = -1 }, "--max-deletes=-1: use 0 or more"},
		"no deletions":                   {func(o *Options) { o.MaxDeletes = 0 }, ""},
		"a negative percentage": {func(o *Options) { o.MaxDeletePercent = -0.1 },
			"--max-delete-percent=-0.1: use 0 or more"},
		"more than all": {func(o *Options) { o.MaxDeletePercent = 100.5 },
			"--max-delete-percent=100.5: use 100 or less"},
		"a percentage that is no number": {func(o *Options) { o.MaxDeletePercent = math.NaN() },
			"--max-delete-percent=NaN"},
		"a negative grace period":   {func(o *Options) { o.GracePeriod = -time.Second }, "--grace-period"},
		"no grace period":           {func(o *Options) { o.GracePeriod = 0 }, ""},
		"a negative timeout":        {func(o *Options) { o.Timeout = -1 }, "--timeout"},
		"a negative time budget":    {func(o *Options) { o.TimeBudget = -1 }, "--time-budget"},
		"a negative idle threshold": {func(o *Options) { o.IdleThreshold = -1 }, "--idle-threshold"},
		"a negative wait":           {func(o *Options) { o.MaxIdleWait = -1 }, "--max-idle-wait"},
		"a negative cache size":     {func(o *Options) { o.MaxCacheSizeGB = -1 }, "--max-cache-size-gb"},
		"an endless cache size":     {func(o *Options) { o.MaxCacheSizeGB = math.Inf(1) }, "--max-cache-size-gb"},
		"a negative age":            {func(o *Options) { o.MaxAgeDays = -1 }, "--max-age-days"},
		"an age that no duration can hold": {func(o *Options) { o.MaxAgeDays = 200_000 },
			"--max-age-days=200000: use 36500 or less"},
		"no log kept at all":           {func(o *Options) { o.MaxLogFiles = 0 }, "--max-log-files=0: use 1 or more"},
		"a negative log size":          {func(o *Options) { o.MaxLogSizeMB = -1 }, "--max-log-size-mb"},
		"a log size that is no number": {func(o *Options) { o.MaxLogSizeMB = math.NaN() }, "--max-log-size-mb"},
		"a negative age of tasks":      {func(o *Options) { o.TaskRetentionDays = -1 }, "--task-retention-days"},
		"an age of tasks beyond all time": {func(o *Options) { o.TaskRetentionDays = math.MaxInt },
			"--task-retention-days"},
		"a negative age of the journal": {func(o *Options) { o.JournalRetentionDays = -1 },
			"--journal-retention-days"},
		"an age of the journal beyond all time": {func(o *Options) { o.JournalRetentionDays = 1 << 40 },
			"--journal-retention-days"},
		"a negative threshold": {func(o *Options) { o.CompactThresholdMB = -1 }, "--compact-threshold-mb"},
		"an unknown end of the wait": {func(o *Options) { o.IdleOnTimeout = "fail" },
			`--idle-on-timeout="fail": use skip, run`},
		"all the probes": {probing(func(o *Options) {
			o.IdleMaxDatabaseOps, o.IdlePrometheusMax = 0,
				-1
		}), ""},
		"a probe and no gate": {probing(func(o *Options) { o.RunOnIdleOnly = false }),
			"--idle-http-url has no effect without --run-on-idle-only"},
		"a probe without a scheme": {probing(func(o *Options) { o.IdleHTTPURL = "app:8080/idle" }),
			"--idle-http-url: write http://HOST:PORT/PATH"},
		"a probe by another protocol": {probing(func(o *Options) { o.IdleHTTPURL = "ftp://app/idle" }),
			"--idle-http-url: write http://"},
		"a probe without a host": {probing(func(o *Options) { o.IdleHTTPURL = "http:///idle" }),
			"--idle-http-url: write http://"},
		"a probe with a password": {probing(func(o *Options) { o.IdlePrometheusURL = "http://u:p@prometheus" }),
			"without a user name, a password"},
		"a query and nobody to ask": {probing(func(o *Options) { o.IdlePrometheusURL = "" }), "give both or none"},
		"nothing to ask Prometheus": {probing(func(o *Options) { o.IdlePrometheusQuery = "" }),
			"give both or none"},
		"a largest value that is no number": {probing(func(o *Options) { o.IdlePrometheusMax = math.NaN() }),
			"--idle-prometheus-max"},
		"a probe and nothing to watch for": {probing(func(o *Options) { o.IdleThreshold = 0 }),
			"use an --idle-threshold of 1s or more"},
		"a watch that is longer than the wait": {probing(func(o *Options) { o.MaxIdleWait = time.Minute }),
			"no run would ever begin"},
		"the same with heartbeats alone": {func(o *Options) { o.RunOnIdleOnly, o.MaxIdleWait = true, time.Minute }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := Defaults()
			o.Task = VerifyReferences
			c.spoil(&o)
			err := o.Validate()
			switch {
			case c.says == "" && err != nil:
				t.Errorf("not valid: %v", err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}

// probing is a gate with probes, spoilt.
func probing(spoil func(*Options)) func(*Options) {
	return func(o *Options) {
		o.RunOnIdleOnly, o.IdleHTTPURL = true, "http://app:8080/idle"
		o.IdlePrometheusURL, o.IdlePrometheusQuery = "https://prometheus:9090", "up"
		spoil(o)
	}
}

func TestAnAddressThatIsRefusedIsNotPrinted(t *testing.T) {
	o := Defaults()
	o.Task, o.RunOnIdleOnly, o.IdleHTTPURL = VerifyReferences, true, "http://alice:s3cr3t@app/idle"
	if err := o.Validate(); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Error(err)
	}
}

func TestValidateSaysAllThatIsWrong(t *testing.T) {
	o := Defaults()
	o.Task, o.Output, o.LogDir, o.MaxDeletes = "x", "y", "z", -1
	err := o.Validate()
	for _, says := range []string{"unknown task", "--output", "--log-dir", "--max-deletes"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %s", err, says)
		}
	}
}

func TestAFlagOfAnEarlierVersionSaysWhatToWriteInstead(t *testing.T) {
	_, err := parse([]string{"run", VerifyReferences, "--model=model.json"})
	if err == nil || !strings.Contains(err.Error(), "--library=library.yaml") || !strings.Contains(err.Error(),
		"maint-job declare --print=ucorefs") {
		t.Errorf("--model: %v", err)
	}
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	o := Defaults()
	o.AddFlags(fs)
	if strings.Contains(fs.FlagUsages(), "--model") {
		t.Error("the help still shows --model")
	}
}
