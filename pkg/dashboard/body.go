package dashboard

import (
	"fmt"
	"mime"
	"net/http"

	"ucorefs.io/maintenance/pkg/dashboard/access"
)

// unreadable is a form that could not be read. Its values are not known, and without them an action would be another
// one.
type unreadable struct{ cause error }

func (e *unreadable) Error() string { return "read the form: " + e.cause.Error() }
func (e *unreadable) Unwrap() error { return e.cause }

// readForm reads the whole form of a POST before a handler takes a value from it: http.Request.PostFormValue hides what
// it cannot read.
func readForm(r *http.Request) error {
	if r.Method != http.MethodPost || r.ContentLength == 0 {
		return nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
	case kind == "multipart/form-data":
		err = r.ParseMultipartForm(access.MaxBody)
	case kind == "application/x-www-form-urlencoded":
		err = r.ParseForm()
	default:
		err = fmt.Errorf("%s is not the type of a form", kind)
	}
	if err != nil {
		return &unreadable{err}
	}
	return nil
}
