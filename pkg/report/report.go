// Package report is the result of one run of one task: the contract through which the job, which writes it, and the
// controller, which reads it from the pod's termination message, agree.
//
// It is pure and imports neither Kubernetes nor MongoDB. It must never carry a secret: whoever fills Message is
// responsible for that.
package report

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"ucorefs.io/maintenance/pkg/ellipsis"
)

// SchemaVersion is the version of the JSON form. A reader accepts its own version only.
const SchemaVersion = 1

// Outcome is how a run ended.
type Outcome string

// The outcomes. Skipped and Paused are no failures: the run deliberately did not happen, or stopped to go on later.
const (
	Succeeded Outcome = "Succeeded" // everything the task set out to do was done
	Partial   Outcome = "Partial"   // some was done; the message says what was not and why
	Failed    Outcome = "Failed"    // an error ended the run
	Refused   Outcome = "Refused"   // nothing was changed, because it would not have been safe
	Skipped   Outcome = "Skipped"   // the run did not begin
	Paused    Outcome = "Paused"    // the run stopped at a safe point and the next one goes on from there
)

// Reason is a CamelCase constant that says why a run ended so; it is empty where the outcome says all.
type Reason string

// The reasons.
const (
	ReasonNotIdle             Reason = "NotIdle"             // Skipped: the library stayed busy for idle.maxWait (--max-idle-wait); Paused: it is in use again
	ReasonLocked              Reason = "Locked"              // Skipped: another run holds the lock; the message names it
	ReasonWindowClosed        Reason = "WindowClosed"        // Paused or Skipped: outside the maintenance window
	ReasonRepeatedTime        Reason = "RepeatedTime"        // Skipped: the clocks went back and show the run's time for the second time
	ReasonPreempted           Reason = "Preempted"           // Paused: a run of priority high had the lock until the time was over
	ReasonTimeBudgetSpent     Reason = "TimeBudgetSpent"     // Paused: the time budget of the task was spent (backgroundCountVerification.timeBudget, --time-budget)
	ReasonInterrupted         Reason = "Interrupted"         // Failed: a signal stopped the run at a safe point
	ReasonTimedOut            Reason = "TimedOut"            // Failed: the run took longer than activeDeadline (--timeout)
	ReasonLockLost            Reason = "LockLost"            // Failed: the lock could not be renewed
	ReasonDatabaseUnreachable Reason = "DatabaseUnreachable" // Failed: no server answered in time
	ReasonAuthentication      Reason = "Authentication"      // Failed: the server rejected the credentials
	ReasonUsage               Reason = "Usage"               // Failed: the command line is wrong
	ReasonConfiguration       Reason = "Configuration"       // Failed: a setting cannot work here
	ReasonNoLibrary           Reason = "NoLibrary"           // Failed: the database holds no library that is declared
	ReasonBadData             Reason = "BadData"             // Failed: the data is not what the task can work on
	ReasonInternal            Reason = "Internal"            // Failed: a defect in the program, or an error nobody foresaw
	ReasonRootNotMounted      Reason = "RootNotMounted"      // Refused or Partial: a library root is not what it was, and its records were left alone
	ReasonDeletionCapExceeded Reason = "DeletionCapExceeded" // Refused: more would be deleted than the limits allow
	ReasonTargetMissing       Reason = "TargetMissing"       // Refused: a collection is absent or empty, and references lead into it
	ReasonUnsafeFolder        Reason = "UnsafeFolder"        // Refused: a folder that no cleaner may work on
	ReasonPathsMismatch       Reason = "PathsMismatch"       // Partial: library roots or path maps do not match the paths of the records
	ReasonDirectoriesUnknown  Reason = "DirectoriesUnknown"  // Partial: some folders could not be listed
	ReasonServerRefused       Reason = "ServerRefused"       // Partial: the server does not support a command, or refused to write some documents
	ReasonNotPermitted        Reason = "NotPermitted"        // Partial: some files could not be changed: the system does not permit it, or other files are in the way
	ReasonChangedMeanwhile    Reason = "ChangedMeanwhile"    // Partial: something had changed in the meantime and was left alone
	ReasonNotRestored         Reason = "NotRestored"         // Partial: some documents could not be put back
)

// Counts are the figures of a run; the keys of each task are listed in the documentation.
type Counts map[string]int64

// Result is what one run of one task has to say.
type Result struct {
	SchemaVersion   int       `json:"schemaVersion"`
	Task            string    `json:"task"`
	Run             string    `json:"run"`
	Library         string    `json:"library,omitempty"` // the name of the declaration; empty where none was needed, or found
	Outcome         Outcome   `json:"outcome"`
	Reason          Reason    `json:"reason"`
	Message         string    `json:"message"` // one sentence for a person
	DryRun          bool      `json:"dryRun"`
	StartedAt       time.Time `json:"startedAt"`  // UTC
	FinishedAt      time.Time `json:"finishedAt"` // UTC
	DurationSeconds float64   `json:"durationSeconds"`
	Counts          Counts    `json:"counts"`
	// PlanDigest names the plan, for --allow-plan. Empty where the task plans no deletion.
	PlanDigest string `json:"planDigest,omitempty"`
	// Sample is a few of the items that the plan is about, in words.
	Sample []string `json:"sample,omitempty"`
	// Warnings are what the run could not do or promise, one sentence each.
	Warnings []string `json:"warnings,omitempty"`
}

// MaxTerminationBytes bounds the termination message. The kubelet cuts at 4,096 bytes and etcd keeps every copy.
const MaxTerminationBytes = 2048

// JSON is r on one line, with no newline.
func (r Result) JSON() []byte {
	b, err := json.Marshal(r)
	if err != nil { // no field of Result can fail to marshal
		panic(fmt.Sprintf("report: marshal a result: %v", err))
	}
	return b
}

// Termination is r as JSON of at most MaxTerminationBytes. What does not fit is left out, least important first: the
// sample, the warnings, the end of the message, the counts, the ends of the names.
func (r Result) Termination() []byte {
	samples, warnings, message := r.Sample, r.Warnings, r.Message
	r.fit(len(samples), func(n int) { r.Sample = samples[:n] })
	r.fit(len(warnings), func(n int) { r.Warnings = warnings[:n] })
	r.fit(utf8.RuneCountInString(message), func(n int) { r.Message = ellipsis.Cut(message, n) })
	if !r.fits() {
		r.Counts = Counts{}
	}
	if !r.fits() {
		r.Task, r.Run, r.Library = ellipsis.Cut(r.Task, maxName), ellipsis.Cut(r.Run, maxName),
			ellipsis.Cut(r.Library, maxName)
	}
	return r.JSON()
}

func (r *Result) fits() bool { return len(r.JSON()) <= MaxTerminationBytes }

// fit keeps as many of n things as fit, the first ones.
func (r *Result) fit(n int, keep func(n int)) {
	keep(n - sort.Search(n, func(gone int) bool {
		keep(n - gone)
		return r.fits()
	}))
}

// maxName is the runes that a task or a run keeps of its name where nothing else fits; JSON makes up to six bytes of
// one.
const maxName = 64

// Parse reads what Termination wrote. The error says what is wrong with the message: that it is missing, cut, not JSON,
// or of another version.
func Parse(message string) (Result, error) {
	if strings.TrimSpace(message) == "" {
		return Result{}, fmt.Errorf("the pod left no termination message: it was killed before it could report, or it is " +
			"not maint-job")
	}
	var r Result
	if err := json.Unmarshal([]byte(message), &r); err != nil {
		return Result{}, fmt.Errorf("the termination message is not a whole result (%d bytes)", len(message)) // not quoted: it may be anything
	}
	if r.SchemaVersion != SchemaVersion {
		return Result{}, fmt.Errorf("the result has schemaVersion %d, this controller reads %d: use job and controller "+
			"images of one release", r.SchemaVersion, SchemaVersion)
	}
	if !r.Outcome.known() {
		return Result{}, fmt.Errorf("the result has an unknown outcome: use job and controller images of one release") // not quoted: it may be anything
	}
	return r, nil
}

func (o Outcome) known() bool {
	switch o {
	case Succeeded, Partial, Failed, Refused, Skipped, Paused:
		return true
	}
	return false
}
