package files

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"
)

// NotReadableError says that this process may not read a folder. It unwraps to the system's error, and so to
// fs.ErrPermission.
type NotReadableError struct {
	Path string
	Err  error
}

// ReadableRemedy is what helps against a NotReadableError.
const ReadableRemedy = "give the runs a user or a group that may read it: spec.job.user, group or supplementalGroups " +
	"of the schedule, or jobs.user and jobs.group of the chart"

func (e *NotReadableError) Error() string {
	return fmt.Sprintf("%s may not read %s: %v", Reader(), e.Path, e.Err)
}

func (e *NotReadableError) Unwrap() error { return e.Err }

// Reader is the user that this process reads as, for a person.
func Reader() string { return fmt.Sprintf("user %d with group %d", unix.Getuid(), unix.Getgid()) }

// NotOpened is the error of a folder that could not be opened: a *NotReadableError if this process may not read it.
func NotOpened(folder string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &NotReadableError{Path: folder, Err: err}
	}
	return &fs.PathError{Op: "open", Path: folder, Err: err}
}

// WithRemedy is an error that says what helps, if it is a *NotReadableError; else it is err.
func WithRemedy(err error) error {
	if errors.As(err, new(*NotReadableError)) {
		return fmt.Errorf("%w: %s", err, ReadableRemedy)
	}
	return err
}
