package cronjob

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// DefaultActiveDeadline bounds a run whose schedule says nothing; the CRD has the same default.
const DefaultActiveDeadline = time.Hour

// resolveOptions writes the command line of the job and lets the job's own rules judge it.
func (r *Resolved) resolveOptions() *Problem {
	o := jobspec.Defaults()
	o.Task, o.DryRun = r.Task.Name, r.owner.Spec.DryRun
	o.Output, o.LogFormat = jobspec.OutputJSON, jobspec.LogJSON
	if r.settings.LogLevel != "" {
		o.LogLevel = r.settings.LogLevel
	}
	if port := r.settings.ProgressPort; port != 0 {
		o.ProgressAddress = fmt.Sprintf(":%d", port)
	}
	o.Timeout = timeout(r.activeDeadline())
	o.Window = r.window
	o.ByClock = r.Schedule.ByClock()
	if r.owner.Spec.Priority != "" {
		o.Priority = strings.ToLower(string(r.owner.Spec.Priority))
	}
	if throttle := r.wantedThrottle(); throttle != "" {
		o.Throttle = strings.ToLower(string(throttle))
	}
	setInt(&o.Parallelism, r.owner.Spec.Parallelism)
	o.ThrottleFile = throttleDir + "/" + throttleFile
	if r.owner.Spec.ReadPreference == v1alpha1.ReadSecondaryPreferred {
		o.ReadPreference = jobspec.ReadSecondaryPreferred
	}
	o.Database = r.database.Name
	if r.database.LibraryConfigMap != "" {
		o.Library = libraryDir + "/" + libraryKey
	}
	r.setFolders(&o)
	setGuards(&o, r.owner.Spec)
	if err := setParameters(&o, r.Task, r.owner.Spec.TaskParameters); err != nil {
		return &Problem{v1alpha1.ReasonInvalidParameters, err.Error()}
	}
	if err := o.Validate(); err != nil {
		return &Problem{v1alpha1.ReasonInvalidParameters, "the job would refuse its command line: " + err.Error()}
	}
	r.options = o
	return nil
}

func (r *Resolved) activeDeadline() time.Duration {
	deadline := DefaultActiveDeadline
	set(&deadline, r.owner.Spec.ActiveDeadline)
	return deadline
}

// timeout lets the job end by itself, with a result, a little before Kubernetes would kill it without one.
func timeout(deadline time.Duration) time.Duration {
	return (deadline - min(deadline/10, time.Minute)).Truncate(time.Second)
}

func (r *Resolved) setFolders(o *jobspec.Options) {
	for _, kind := range jobspec.Folders() {
		for _, v := range r.volumes {
			if string(v.Use) == kind.Use {
				kind.Add(o, v.MountPath)
			}
		}
	}
}

func setGuards(o *jobspec.Options, spec v1alpha1.MaintenanceScheduleSpec) {
	if limits := spec.Limits; limits != nil {
		if limits.MaxDeletePercent != nil {
			o.MaxDeletePercent = float64(*limits.MaxDeletePercent)
		}
		setInt(&o.MaxDeletes, limits.MaxDeletes)
		set(&o.GracePeriod, limits.GracePeriod)
		o.AllowPlan = limits.AllowPlan
	}
	if spec.Idle != nil {
		setIdle(&o.Idle, *spec.Idle)
	}
}

func setIdle(o *jobspec.Idle, spec v1alpha1.IdleSpec) {
	o.RunOnIdleOnly = true
	set(&o.IdleThreshold, spec.Threshold)
	set(&o.MaxIdleWait, spec.MaxWait)
	if spec.OnTimeout == v1alpha1.IdleOnTimeoutRun {
		o.IdleOnTimeout = jobspec.IdleRun
	}
	if p := spec.Database; p != nil {
		setInt(&o.IdleMaxDatabaseOps, p.OperationsPerSecond)
	}
	if p := spec.HTTP; p != nil {
		o.IdleHTTPURL = p.URL
	}
	if p := spec.Prometheus; p != nil {
		o.IdlePrometheusURL, o.IdlePrometheusQuery = p.URL, p.Query
		setUnits(&o.IdlePrometheusMax, p.Max, 1)
	}
}

func set(to *time.Duration, from *metav1.Duration) {
	if from != nil {
		*to = from.Duration
	}
}

func setInt(to *int, from *int32) {
	if from != nil {
		*to = int(*from)
	}
}

// setUnits takes a quantity of bytes as a number of units of that many bytes.
func setUnits(to *float64, from *resource.Quantity, unit float64) {
	if from != nil {
		*to = from.AsApproximateFloat64() / unit
	}
}
