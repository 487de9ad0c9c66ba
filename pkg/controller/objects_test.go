package controller

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// forbidden fails the test when an Event is recorded.
type forbidden struct{ t *testing.T }

// Eventf implements events.EventRecorder.
func (f forbidden) Eventf(_, _ runtime.Object, _, reason, _, note string, args ...any) {
	f.t.Helper()
	f.t.Errorf("an Event %s: "+note, append([]any{reason}, args...)...)
}

// silent records no Events.
type silent struct{}

// Eventf implements events.EventRecorder.
func (silent) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}

func requestOf(namespace, name string) ctrl.Request {
	return ctrl.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
}

func objectsOf(t *testing.T, list client.ObjectList) (objects []client.Object) {
	t.Helper()
	items, err := meta.ExtractList(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		objects = append(objects, item.(client.Object))
	}
	return objects
}
