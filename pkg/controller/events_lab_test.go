package controller

import (
	"fmt"
	"strings"

	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// events are those about the schedule.
func (l *lab) events(name string) (found []eventsv1.Event) {
	l.t.Helper()
	var all eventsv1.EventList
	if err := l.Client.List(l.t.Context(), &all, client.InNamespace(l.namespace)); err != nil {
		l.t.Fatalf("list the Events: %v", err)
	}
	for _, e := range all.Items {
		if e.Regarding.Name == name && e.ReportingController == Name {
			found = append(found, e)
		}
	}
	return found
}

// untilEvent waits for an Event about the schedule with that reason, whose note holds that text.
func (l *lab) untilEvent(name, reason, text string) eventsv1.Event {
	l.t.Helper()
	var found eventsv1.Event
	clustertest.Eventually(l.t, fmt.Sprintf("%s has an Event %s with %q", name, reason, text), func() (bool, string) {
		var seen []string
		for _, e := range l.events(name) {
			if e.Reason == reason && strings.Contains(e.Note, text) {
				found = e
				return true, ""
			}
			seen = append(seen, e.Reason+": "+e.Note)
		}
		return false, strings.Join(seen, "\n")
	})
	return found
}
