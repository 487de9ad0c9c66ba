package cronjob

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/schedule"
)

// DefaultSecretKey is the key of the Secret that holds the connection string, if nothing names another.
const DefaultSecretKey = "uri"

func (r *Resolved) resolveTask() *Problem {
	task, err := jobspec.TaskByName(string(r.owner.Spec.Task))
	if err != nil {
		return &Problem{v1alpha1.ReasonUnknownTask, "spec.task: " + err.Error()}
	}
	r.Task = task
	return nil
}

// WindowOf is the window of a schedule, by the clocks of its zone; the zero value where it has none.
func WindowOf(ms *v1alpha1.MaintenanceSchedule) (jobspec.Window, error) {
	spec := ms.Spec.Window
	if spec == nil {
		return jobspec.Window{}, nil
	}
	var days []string
	for _, day := range spec.Days {
		days = append(days, string(day))
	}
	text := fmt.Sprintf("%s-%s %s %s", spec.Start, cmp.Or(spec.End, jobspec.EndOfDay.String()), strings.Join(days, ","),
		ms.Spec.TimeZone)
	return jobspec.ParseWindow(strings.Join(strings.Fields(text), " "))
}

// resolveWindow refuses a window in which the schedule never fires.
func (r *Resolved) resolveWindow() *Problem {
	if r.owner.Spec.Window == nil {
		return nil
	}
	window, err := WindowOf(r.owner)
	if err != nil {
		return &Problem{v1alpha1.ReasonInvalidWindow, "spec.window: " + err.Error()}
	}
	if !r.Schedule.FiresWithin(func(at time.Time) bool { _, open := window.Until(at); return open }) {
		return &Problem{v1alpha1.ReasonInvalidWindow, fmt.Sprintf("spec.window: the schedule fires %s, "+
			"which never lies in the window %s: change one of them", r.Schedule.Sentence(), window)}
	}
	r.window = window.String()
	return nil
}

// ScheduleOf is when a schedule runs, in the form that its CronJob has. A window that cannot work is no window.
func ScheduleOf(ms *v1alpha1.MaintenanceSchedule) (schedule.Schedule, error) {
	s := schedule.Spec{
		Cron:          ms.Spec.Schedule,
		TimeZone:      ms.Spec.TimeZone,
		PreferredHour: ms.Spec.PreferredHour,
		SkipMissed:    ms.Spec.MissedRuns == v1alpha1.MissedRunsSkip,
		Key:           ms.Namespace + "/" + ms.Name,
	}
	if ms.Spec.Interval != nil {
		s.Interval = ms.Spec.Interval.Duration
	}
	if window, err := WindowOf(ms); err == nil && ms.Spec.Window != nil {
		s.Within = window.OpenAt
	}
	return schedule.Resolve(s)
}

func (r *Resolved) resolveSchedule() *Problem {
	resolved, err := ScheduleOf(r.owner)
	if errors.Is(err, schedule.ErrTimeZone) {
		return &Problem{v1alpha1.ReasonInvalidTimeZone, "spec.timeZone: " + err.Error()}
	}
	if err != nil {
		return &Problem{v1alpha1.ReasonInvalidSchedule, err.Error()}
	}
	r.Schedule = resolved
	return nil
}

func (r *Resolved) resolveDatabase() *Problem {
	if !r.Task.Database {
		return nil
	}
	var own v1alpha1.DatabaseSpec
	if r.owner.Spec.Database != nil {
		own = *r.owner.Spec.Database
	}
	if own.ModelConfigMap != "" {
		return &Problem{v1alpha1.ReasonInvalidParameters, modelRemoved}
	}
	shared := r.settings.Database
	r.database = v1alpha1.DatabaseSpec{
		SecretName: cmp.Or(own.SecretName, shared.SecretName),
		SecretKey:  cmp.Or(own.SecretKey, shared.SecretKey, DefaultSecretKey),
		Name:       cmp.Or(own.Name, shared.Name),

		LibraryConfigMap: cmp.Or(own.LibraryConfigMap, shared.LibraryConfigMap),
		TLSSecretName:    cmp.Or(own.TLSSecretName, shared.TLSSecretName),
		TokenAudience:    cmp.Or(own.TokenAudience, shared.TokenAudience),
	}
	if r.database.SecretName == "" {
		return &Problem{v1alpha1.ReasonDatabaseNotConfigured,
			"no Secret with the connection string is named: set spec.database.secretName, " +
				"or database.secretName in the chart's values"}
	}
	return nil
}

// modelRemoved is said of a schedule that an earlier version stored. To run it would be to run it on other collections.
const modelRemoved = "spec.database.modelConfigMap was removed: " +
	"collections and fields are named by a declaration now; " +
	"run `maint-job declare --print=ucorefs > library.yaml`, change the names there, " +
	"make a ConfigMap with the key library.yaml of it, " +
	"and name that ConfigMap in spec.database.libraryConfigMap"

func (r *Resolved) resolveVolumes() *Problem {
	given := r.owner.Spec.Volumes
	if len(given) == 0 {
		given = r.settings.Volumes
	}
	for _, v := range given {
		if worksOn(r.Task, v.Use) {
			r.volumes = append(r.volumes, v)
		}
	}
	if r.Task.NeedsFolder && len(r.volumes) == 0 {
		return &Problem{v1alpha1.ReasonVolumeMissing, fmt.Sprintf(
			"the task %s works on a volume of use %s and there is none: add one to spec.volumes, "+
				"or to jobs.volumes in the chart's values",
			r.Task.Name, jobspec.FolderByFlag(r.Task.Folders[0]).Use)}
	}
	for _, kind := range jobspec.Folders() {
		if use := v1alpha1.VolumeUse(kind.Use); !kind.Several() && r.count(use) > 1 {
			return &Problem{v1alpha1.ReasonInvalidParameters, fmt.Sprintf(
				"spec.volumes has %d volumes of use %s: keep one, and make another schedule for the other", r.count(use), use)}
		}
	}
	return nil
}

func (r *Resolved) count(use v1alpha1.VolumeUse) (n int) {
	for _, v := range r.volumes {
		if v.Use == use {
			n++
		}
	}
	return n
}

// worksOn tells whether a task works on volumes of a use.
func worksOn(task jobspec.Task, use v1alpha1.VolumeUse) bool {
	return slices.ContainsFunc(task.Folders, func(flag string) bool {
		return jobspec.FolderByFlag(flag).Use == string(use)
	})
}

// notes name what the spec asks for and does not get, so that nothing is ignored silently.
func (r *Resolved) notes() (notes []string) {
	spec := r.owner.Spec
	if spec.TimeZone != "" && spec.Interval != nil && spec.PreferredHour == nil && spec.Window == nil {
		notes = append(notes, "spec.timeZone has no effect on an interval without preferredHour or window")
	}
	if spec.MissedRuns == v1alpha1.MissedRunsSkip && strings.HasPrefix(r.Schedule.Cron, "@every") {
		notes = append(notes, "spec.missedRuns Skip has no effect on an interval without fixed times, which only "+
			schedule.FixedIntervalsText()+" have: a run that was missed starts as soon as it can")
	}
	if window, err := WindowOf(r.owner); err == nil && spec.Window != nil && r.Schedule.DependsOnCreation(window.OpenAt) {
		notes = append(notes, fmt.Sprintf("spec.window may never be open when a run is due: "+
			"an interval of %s counts from when the schedule was created; "+
			"use spec.schedule, or an interval with fixed times: %s", spec.Interval.Duration, schedule.FixedIntervalsText()))
	}
	if spec.Database != nil && !r.Task.Database {
		notes = append(notes, fmt.Sprintf("spec.database has no effect: the task %s does not use the database",
			r.Task.Name))
	}
	if spec.Idle != nil && spec.Idle.Database != nil && !r.Task.Database {
		notes = append(notes, fmt.Sprintf("spec.idle.database has no effect: the task %s does not use the database",
			r.Task.Name))
	}
	if spec.Priority == v1alpha1.PriorityHigh && r.settings.HighPriorityClass == "" {
		notes = append(notes, "spec.priority High does not rank the pods: "+
			"the chart's values name no PriorityClass for it (highPriorityClass.create, jobs.highPriorityClassName)")
	}
	for _, v := range spec.Volumes {
		if !worksOn(r.Task, v.Use) {
			notes = append(notes, fmt.Sprintf("spec.volumes %s is not mounted: "+
				"the task %s does not work on volumes of use %s", v.MountPath, r.Task.Name, v.Use))
		}
	}
	return append(notes, r.fsGroupNote()...)
}
