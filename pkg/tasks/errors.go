package tasks

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/report"
)

// Error is a task's error that is neither the database's nor a defect: the reason says whether the configuration or the data
// is wrong, and the text says what to do.
type Error struct {
	Reason report.Reason
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Misconfigured is an Error that ends when the configuration is corrected.
func Misconfigured(format string, args ...any) error {
	return &Error{Reason: report.ReasonConfiguration, Err: fmt.Errorf(format, args...)}
}
