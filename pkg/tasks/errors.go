package tasks

import "ucorefs.io/maintenance/pkg/report"

// Error is a task's error that is neither the database's nor a defect: the reason says whether the configuration or the data
// is wrong, and the text says what to do.
type Error struct {
	Reason report.Reason
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }
