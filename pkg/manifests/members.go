package manifests

import (
	"slices"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// readStart reads when within its period a schedule runs, and how long after its creation first.
func (c *converter) readStart(r *reader, s *Spec, period time.Duration) {
	if delay := r.duration("initial_delay_seconds", time.Second, 0); delay > 0 {
		s.InitialDelay = text(delay)
	}
	hour, given := r.whole("preferred_hour", 0, 23)
	if !given {
		return
	}
	const day = 24 * time.Hour
	if period%time.Hour != 0 || period == 0 || day%period != 0 {
		if period > 0 {
			c.fail(r.path+".preferred_hour", "it needs an interval that divides the day "+
				"(1, 2, 3, 4, 6, 8, 12 or 24 hours), and this one is %s", text(period))
		}
		return
	}
	s.PreferredHour, s.TimeZone = &hour, c.options.TimeZone
}

// maxDays is the longest age that a schedule takes: a hundred years.
const maxDays = 36_500

// readParameters reads what belongs to one task only.
func readParameters(r *reader, s *Spec, task string) {
	size := r.bytes("max_cache_size_gb", 1<<30)
	days, hasDays := r.whole("max_age_days", 0, maxDays)
	if r.belong(jobspec.CacheCleanup, task, "max_cache_size_gb", "max_age_days") {
		s.CacheCleanup = &CacheCleanup{MaxSize: size, MaxAgeDays: optional(days, hasDays)}
	}
	logSize := r.bytes("max_log_size_mb", 1<<20)
	files, hasFiles := r.whole("max_log_files", 1, 1<<31-1)
	if r.belong(jobspec.LogRotation, task, "max_log_files", "max_log_size_mb") {
		s.LogRotation = &LogRotation{MaxSize: logSize, MaxFiles: optional(files, hasFiles)}
	}
	tasks, hasTasks := r.whole("task_retention_days", 0, maxDays)
	journal, hasJournal := r.whole("journal_retention_days", 0, maxDays)
	if r.belong(jobspec.CleanupOldRecords, task, "task_retention_days", "journal_retention_days") {
		s.CleanupOldRecords = &CleanupOldRecords{
			TaskRetentionDays: optional(tasks, hasTasks), JournalRetentionDays: optional(journal, hasJournal),
		}
	}
}

func optional(n int, given bool) *int {
	if !given {
		return nil
	}
	return &n
}

// belong tells whether the schedule has any of these parameters, and says where they would belong instead.
func (r *reader) belong(owner, task string, keys ...string) bool {
	has := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !r.has(key) })
	if task != owner && task != "" {
		for _, key := range has {
			r.c.fail(r.path+"."+key, "it is a parameter of %s, and this schedule runs %s: remove it", owner, task)
		}
		return false
	}
	return len(has) > 0
}
