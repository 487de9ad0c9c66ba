package jobspec

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Validate says everything that is wrong with o, each with what to write instead, or nil.
func (o Options) Validate() error {
	t, err := TaskByName(o.Task)
	return errors.Join(err, o.checkReadPreference(t), o.ValidateSettings())
}

// checkReadPreference refuses to read from a secondary what is changed after one look: the secondary may lag behind.
func (o Options) checkReadPreference(t Task) error {
	if t.LooksTwice || t.Name == "" || o.ReadPreference != ReadSecondaryPreferred {
		return nil
	}
	return fmt.Errorf("--read-preference=%s: %s reads from the primary only, since a secondary may lag behind: use %s; "+
		"only %s may read from a secondary", o.ReadPreference, t.Name, ReadPrimary, strings.Join(SecondaryTasks(), ", "))
}

// SecondaryTasks are the names of the tasks that may read from a secondary.
func SecondaryTasks() []string { return namesOf(func(t Task) bool { return t.LooksTwice }) }

// ValidateSettings is Validate for a task that is none of Tasks.
func (o Options) ValidateSettings() error {
	return errors.Join(slices.Concat(o.checkWords(), o.checkFolders(), o.checkNumbers(), o.checkSharing(),
		o.Idle.check())...)
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
	oneOf("throttle", o.Throttle, ThrottleOff, ThrottleLow, ThrottleNormal, ThrottleByPriority)
	oneOf("read-preference", o.ReadPreference, ReadPrimary, ReadSecondaryPreferred)
	oneOf("idle-on-timeout", o.IdleOnTimeout, IdleSkip, IdleRun)
	if o.Database != "" && !IsDatabaseName(o.Database) {
		errs = append(errs, fmt.Errorf("--database=%q: use %s", o.Database, DatabaseNameRule))
	}
	if o.Window != "" {
		if _, err := ParseWindow(o.Window); err != nil {
			errs = append(errs, fmt.Errorf("--window: %w", err))
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

// The largest values that make sense: beyond them a computed age or size would no longer fit its type.
const (
	maxDays      = 36_500 // a hundred years
	maxMegabytes = 1e9    // a petabyte
	maxGigabytes = maxMegabytes / 1000
)

func (o Options) checkNumbers() []error {
	errs := []error{
		between("max-deletes", float64(o.MaxDeletes), 0, math.MaxInt),
		between("max-delete-percent", o.MaxDeletePercent, 0, 100),
		notNegative("grace-period", o.GracePeriod),
		notNegative("timeout", o.Timeout),
		notNegative("idle-threshold", o.IdleThreshold),
		notNegative("max-idle-wait", o.MaxIdleWait),
	}
	for _, t := range Tasks() {
		for _, p := range t.Parameters {
			errs = append(errs, p.check(&o))
		}
	}
	return errs
}
