package jobspec

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Validate says everything that is wrong with o, each with what to write instead, or nil.
func (o Options) Validate() error {
	return errors.Join(slices.Concat(o.checkWords(), o.checkFolders(), o.checkNumbers())...)
}

func (o Options) checkWords() (errs []error) {
	if _, err := TaskByName(o.Task); err != nil {
		errs = append(errs, err)
	}
	oneOf := func(flag, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			errs = append(errs, fmt.Errorf("--%s=%q: use %s", flag, value, strings.Join(allowed, ", ")))
		}
	}
	oneOf("output", o.Output, OutputText, OutputJSON)
	oneOf("log-format", o.LogFormat, LogText, LogJSON)
	oneOf("log-level", o.LogLevel, "debug", "info", "warn", "error")
	if o.Database != "" && !IsDatabaseName(o.Database) {
		errs = append(errs, fmt.Errorf("--database=%q: use %s", o.Database, DatabaseNameRule))
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

func (o Options) checkNumbers() (errs []error) {
	least := func(flag string, value, min float64, hint string) {
		if !(value >= min) { // written so that NaN fails too
			errs = append(errs, fmt.Errorf("--%s=%v: %s", flag, value, hint))
		}
	}
	const zeroOrMore = "use 0 or more"
	least("max-deletes", float64(o.MaxDeletes), 0, zeroOrMore)
	least("max-delete-percent", o.MaxDeletePercent, 0, zeroOrMore)
	if o.MaxDeletePercent > 100 {
		errs = append(errs, fmt.Errorf("--max-delete-percent=%v: use 100 or less", o.MaxDeletePercent))
	}
	least("grace-period", o.GracePeriod.Seconds(), 0, zeroOrMore)
	least("timeout", o.Timeout.Seconds(), 0, zeroOrMore)
	least("time-budget", o.TimeBudget.Seconds(), 0, zeroOrMore)
	least("idle-threshold", o.IdleThreshold.Seconds(), 0, zeroOrMore)
	least("max-idle-wait", o.MaxIdleWait.Seconds(), 0, zeroOrMore)
	least("max-cache-size-gb", o.MaxCacheSizeGB, 0, zeroOrMore)
	least("max-age-days", float64(o.MaxAgeDays), 0, zeroOrMore)
	least("max-log-files", float64(o.MaxLogFiles), 1, "use 1 or more")
	least("max-log-size-mb", o.MaxLogSizeMB, 0, zeroOrMore)
	least("task-retention-days", float64(o.TaskRetentionDays), 0, zeroOrMore)
	least("journal-retention-days", float64(o.JournalRetentionDays), 0, zeroOrMore)
	least("compact-threshold-mb", o.CompactThresholdMB, 0, zeroOrMore)
	return errs
}
