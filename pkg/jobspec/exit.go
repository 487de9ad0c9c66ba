package jobspec

// Exit codes of maint-job. They follow sysexits(3) where it has one, because the pod failure policy, retries and
// people's scripts branch on them.
const (
	ExitOK        = 0  // succeeded, or deliberately not now: skipped, paused
	ExitPartial   = 3  // part of the work was done, and a person should read why the rest was not
	ExitRefused   = 4  // nothing was changed, because it would not have been safe; a person must look
	ExitUsage     = 64 // the command line is wrong
	ExitBadData   = 65 // the data is not what the task can work on
	ExitInternal  = 70 // a defect in this program
	ExitTemporary = 75 // try again: the database is away, or the run was interrupted
	ExitConfig    = 78 // the configuration is wrong: credentials, a missing folder
)

// FatalExitCodes are the codes after which trying again cannot help: the Job fails at once.
func FatalExitCodes() []int32 {
	return []int32{ExitPartial, ExitRefused, ExitUsage, ExitBadData, ExitConfig}
}
