// Package jobspec is the command line of maint-job as a value: the contract through which the controller, which builds
// command lines, and the job, which parses them, agree. It declares every task, one file each: names, access, folders,
// limits, and parameters with their flags and their fields in the resource.
//
// It is pure: no input or output but for the time zone database, no clock, no environment. It must import neither
// Kubernetes nor MongoDB, so that both binaries can link it. What the flags mean is decided by the tasks; here they
// have a name, a default and a valid range.
package jobspec

import "time"

// Options is everything that `maint-job run TASK` can be told. The zero value is not useful: start from Defaults.
type Options struct {
	// Task is the canonical task name, one of Tasks.
	Task string
	// RunID names this run in the result, the journal, locks and checkpoints; in Kubernetes it is the Job's name.
	// Empty: the job makes one from the task and the time.
	RunID string

	// MongoDBURI is the connection string. It is a secret: Args never prints it, and it reaches a pod as an
	// environment variable from a Secret, or as a file (MongoDBURIFile).
	MongoDBURI     string
	MongoDBURIFile string
	// Database overrides the database that the URI names; when both are empty it is DefaultDatabase.
	Database string
	// Library is the name of a built-in declaration, or a file that holds one, see package library. Empty: the
	// collections of the database tell which of the built-in ones it is.
	Library string

	// ReadPreference is ReadPrimary, or ReadSecondaryPreferred for a task that LooksTwice: its first look reads from a
	// secondary of a replica set, where there is one.
	ReadPreference string

	// DryRun stops after the plan: no write is sent to the database and no file is touched.
	DryRun bool
	// Output is OutputText or OutputJSON.
	Output string
	// LogFormat is LogText or LogJSON.
	LogFormat string
	// LogLevel is debug, info, warn or error.
	LogLevel string
	// Timeout bounds the whole run, connecting included. 0 means no bound.
	Timeout time.Duration
	// Window is the hours in which the run may work, as ParseWindow reads them; empty: always. Outside the run is
	// skipped, and at the end it pauses.
	Window string
	// ByClock is the schedule that started the run, as schedule.ParseByClock reads it, which the run does; empty: none.
	// A run whose slot, by its RunID, the zone's clocks have shown before is skipped.
	ByClock string
	// Priority is PriorityLow, PriorityNormal or PriorityHigh. A run of priority high that finds its database locked
	// has the others make way.
	Priority string
	// Throttle is ThrottleOff, ThrottleLow or ThrottleNormal, how much the run takes at a time, or ThrottleByPriority.
	Throttle string
	// ThrottleFile is a file that holds ThrottleOff, ThrottleLow or ThrottleNormal in place of Throttle; it may change
	// while the run is under way. Empty: there is none.
	ThrottleFile string
	// TerminationLog is the file that gets the result of at most report.MaxTerminationBytes; it is written only
	// where it already exists, as the kubelet makes it.
	TerminationLog string

	// ProgressAddress is where the run's progress is served over HTTP, such as ":8082"; empty: nowhere.
	ProgressAddress string

	// LibraryRoots are the folders that hold the library's files; CacheDirs, LogDir and IndexDir are what the file
	// tasks work on. All are absolute paths.
	LibraryRoots []string
	CacheDirs    []string
	LogDir       string
	IndexDir     string

	Sharing
	Limits
	Idle
	Parameters
}

// Limits are the guards of everything that deletes.
type Limits struct {
	// MaxDeletePercent is the largest share, in percent of a root or a collection, that one run may delete.
	MaxDeletePercent float64
	// MaxDeletes is the largest number of records that one run may delete.
	MaxDeletes int
	// GracePeriod is how long a record must have been missing before it may be deleted. 0 deletes at first sight.
	GracePeriod time.Duration
	// AllowPlan is the digest of the one plan that may exceed MaxDeletePercent and MaxDeletes.
	AllowPlan string
}

// Values of Output, LogFormat, Priority and Throttle, and the database that is used when nothing names one.
const (
	OutputText      = "text"
	OutputJSON      = "json"
	LogText         = "text"
	LogJSON         = "json"
	PriorityLow     = "low"
	PriorityNormal  = "normal"
	PriorityHigh    = "high"
	ThrottleOff     = "off"
	ThrottleLow     = "low"
	ThrottleNormal  = "normal"
	DefaultDatabase = "ucorefs"

	// The values of ReadPreference are those of MongoDB's read preference modes.
	ReadPrimary            = "primary"
	ReadSecondaryPreferred = "secondaryPreferred"

	// ThrottleByPriority is ThrottleLow for priority low, ThrottleNormal for normal, and ThrottleOff for high.
	ThrottleByPriority = "by-priority"
)

// ThrottleLevel is ThrottleOff, ThrottleLow or ThrottleNormal: what Throttle says, or the priority.
func (o Options) ThrottleLevel() string {
	switch {
	case o.Throttle != ThrottleByPriority:
		return o.Throttle
	case o.Priority == PriorityHigh:
		return ThrottleOff
	case o.Priority == PriorityNormal:
		return ThrottleNormal
	}
	return ThrottleLow
}

// Environment variables that the job reads. A flag wins over its variable.
const (
	// EnvMongoDBURI is the connection string.
	EnvMongoDBURI = "MONGODB_URI"
	// EnvMongoDBURIFrom says where the connection string should have come from, for whoever reads that there is none.
	EnvMongoDBURIFrom = "MONGODB_URI_FROM"
	// EnvRunID is the run's name, which the controller fills from the Job's name.
	EnvRunID = "MAINT_RUN_ID"
)

// Defaults is an Options whose every setting is the documented default.
func Defaults() Options {
	o := Options{
		ReadPreference: ReadPrimary,
		Output:         OutputText,
		LogFormat:      LogText,
		LogLevel:       "info",
		Priority:       PriorityLow,
		Throttle:       ThrottleByPriority,
		TerminationLog: "/dev/termination-log",
		Sharing:        Sharing{Parallelism: 1},
		Limits:         Limits{MaxDeletePercent: 5, MaxDeletes: 1000, GracePeriod: 7 * 24 * time.Hour},
		Idle: Idle{IdleThreshold: 5 * time.Minute, MaxIdleWait: 30 * time.Minute, IdleOnTimeout: IdleSkip,
			IdleMaxDatabaseOps: -1},
	}
	for _, t := range Tasks() {
		for _, p := range t.Parameters {
			p.setDefault(&o)
		}
	}
	return o
}
