package library

import (
	"fmt"
	"slices"
	"testing"
)

// What keeps a run waiting in the built-in libraries. Of the two applications' own tasks it is those that are not
// finished.
func TestTheBuiltInLibrariesAreBusyWhileTheirApplicationIs(t *testing.T) {
	for name, want := range map[string][]string{
		UCoreFSName: {"tasks [pending running] by [updated_at]", "app_activity by [last_activity]"},
		WebName:     {"task_records [pending running] by [started_at created_at]", "app_activity by [last_activity]"},
	} {
		l, ok := Named(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		var got []string
		for _, b := range l.Busy {
			text := b.Collection
			for _, condition := range b.Where {
				text += fmt.Sprintf(" %v", condition.Values)
			}
			got = append(got, fmt.Sprintf("%s by %v", text, b.Since))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is busy by %q, not %q", name, got, want)
		}
	}
}
