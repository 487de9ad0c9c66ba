package jobspec

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Validate says everything that is wrong with o, each with what to write instead, or nil.
func (o Options) Validate() error {
	_, err := TaskByName(o.Task)
	return errors.Join(err, o.ValidateSettings())
}

// ValidateSettings is Validate for a task that is none of Tasks.
func (o Options) ValidateSettings() error {
	return errors.Join(slices.Concat(o.checkWords(), o.checkFolders(), o.checkNumbers(), o.Idle.check())...)
}

func (o Options) checkWords() (errs []error) {
	oneOf := func(flag, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			errs = append(errs, fmt.Errorf("--%s=%q: use %s", flag, value, strings.Join(allowed, ", ")))
		}
	}
	oneOf("output", o.Output, OutputText, OutputJSON)
	oneOf("log-format", o.LogFormat, LogText, LogJSON)
	oneOf("log-level", o.LogLevel, "debug", "info", "warn", "error")
	oneOf("priority", o.Priority, PriorityLow, PriorityNormal, PriorityHigh)
	oneOf("idle-on-timeout", o.IdleOnTimeout, IdleSkip, IdleRun)
	if o.Database != "" && !IsDatabaseName(o.Database) {
		errs = append(errs, fmt.Errorf("--database=%q: use %s", o.Database, DatabaseNameRule))
	}
	if o.Window != "" {
		if _, err := ParseWindow(o.Window); err != nil {
			errs = append(errs, fmt.Errorf("--window: %w", err))
		}
	}
	for _, m := range o.PathMaps {
		if from, to, ok := strings.Cut(m, "="); !ok || from == "" || !filepath.IsAbs(to) {
			errs = append(errs, fmt.Errorf("--path-map=%q: use FROM=TO, where TO is an absolute path", m))
		}
	}
	return errs
}

// DatabaseNameRule is what MongoDB wants of a database's name, in words.
const DatabaseNameRule = `1 to 63 bytes, none of them / \ . " $ or a blank`

// IsDatabaseName tells whether MongoDB takes name as a database's.
func IsDatabaseName(name string) bool {
	return name != "" && len(name) <= 63 && !strings.ContainsAny(name, "/\\. \"$\x00")
}

func (o Options) checkFolders() (errs []error) {
	absolute := func(flag string, paths ...string) {
		for _, p := range paths {
			if p != "" && !filepath.IsAbs(p) {
				errs = append(errs, fmt.Errorf("--%s=%q: use an absolute path", flag, p))
			}
		}
	}
	absolute("library-root", o.LibraryRoots...)
	absolute("cache-dir", o.CacheDirs...)
	absolute("log-dir", o.LogDir)
	absolute("index-dir", o.IndexDir)
	return errs
}

// The largest values that make sense: beyond them a computed age or size would no longer fit its type.
const (
	maxDays      = 36_500 // a hundred years
	maxMegabytes = 1e9    // a petabyte
	maxGigabytes = maxMegabytes / 1000
)

func (o Options) checkNumbers() (errs []error) {
	between := func(flag string, value, least, most float64) {
		switch {
		case !(value >= least): // written so that NaN fails too
			errs = append(errs, fmt.Errorf("--%s=%v: use %v or more", flag, value, least))
		case value > most:
			errs = append(errs, fmt.Errorf("--%s=%v: use %v or less", flag, value, most))
		}
	}
	notNegative := func(flag string, d time.Duration) {
		if d < 0 {
			errs = append(errs, fmt.Errorf("--%s=%v: use 0 or more", flag, d))
		}
	}
	between("max-deletes", float64(o.MaxDeletes), 0, math.MaxInt)
	between("max-delete-percent", o.MaxDeletePercent, 0, 100)
	notNegative("grace-period", o.GracePeriod)
	notNegative("timeout", o.Timeout)
	notNegative("time-budget", o.TimeBudget)
	notNegative("idle-threshold", o.IdleThreshold)
	notNegative("max-idle-wait", o.MaxIdleWait)
	between("max-cache-size-gb", o.MaxCacheSizeGB, 0, maxGigabytes)
	between("max-age-days", float64(o.MaxAgeDays), 0, maxDays)
	between("max-log-files", float64(o.MaxLogFiles), 1, math.MaxInt)
	between("max-log-size-mb", o.MaxLogSizeMB, 0, maxMegabytes)
	between("task-retention-days", float64(o.TaskRetentionDays), 0, maxDays)
	between("journal-retention-days", float64(o.JournalRetentionDays), 0, maxDays)
	between("compact-threshold-mb", o.CompactThresholdMB, 0, maxMegabytes)
	return errs
}
