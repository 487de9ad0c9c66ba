package jobspec

import "time"

// BackgroundCountVerification is a task's name.
const BackgroundCountVerification = "background-count-verification"

// BackgroundCountVerificationParameters are the task's settings.
type BackgroundCountVerificationParameters struct {
	TimeBudget time.Duration // 0: until done
}

func backgroundCountVerification() Task {
	return Task{
		Name: BackgroundCountVerification, Access: Writes, Database: true, Section: "counters", LooksTwice: true,
		Aliases:  []string{"background_count_verification", "background_verification"},
		Summary:  "recount a part of the library within a time budget; fix drift",
		Interval: "every 15 minutes",
		Counts:   []string{"filesScanned", "driftFound", "driftFixed", "coveragePercent"},
		Parameters: []Parameter{{
			Flag: "time-budget", Field: "timeBudget", Default: "2m",
			Words: "how long one run may work before it pauses, such as 2m; the next one goes on from there, " +
				"and 0s means " +
				"until done",
			Value: func(o *Options) any { return &o.TimeBudget },
		}},
	}
}
