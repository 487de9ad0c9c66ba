package report

import "ucorefs.io/maintenance/pkg/jobspec"

// ExitCode is the exit code that goes with r.
func (r Result) ExitCode() int {
	switch r.Outcome {
	case Succeeded, Skipped, Paused:
		return jobspec.ExitOK
	case Partial:
		return jobspec.ExitPartial
	case Refused:
		return jobspec.ExitRefused
	}
	switch r.Reason {
	case ReasonUsage:
		return jobspec.ExitUsage
	case ReasonBadData:
		return jobspec.ExitBadData
	case ReasonAuthentication, ReasonConfiguration, ReasonNoLibrary:
		return jobspec.ExitConfig
	case ReasonDatabaseUnreachable, ReasonInterrupted, ReasonTimedOut, ReasonLockLost:
		return jobspec.ExitTemporary
	}
	return jobspec.ExitInternal
}
