package kubectlmaint

import (
	"errors"
	"os"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// A cluster without the resource is told from a name that does not exist: here by a version that the API server has
// not.
func TestAClusterWithoutTheResourceSaysWhatToInstall(t *testing.T) {
	lab := clustertest.Start(t)
	cluster, err := Connect(lab.Admin, "default")
	if err != nil {
		t.Fatal(err)
	}
	var unknown *NoScheduleError
	if _, err := cluster.Schedule(t.Context(), "x"); !errors.As(err, &unknown) {
		t.Errorf("a name that does not exist: %v", err)
	}
	config := rest.CopyConfig(lab.Admin)
	config.APIPath, config.GroupVersion = "/apis", &schema.GroupVersion{Group: v1alpha1.Group, Version: "v9"}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	if cluster.schedules, err = rest.RESTClientFor(config); err != nil {
		t.Fatal(err)
	}
	if _, err := cluster.Schedule(t.Context(), "x"); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("read one: %v", err)
	}
	if _, err := cluster.List(t.Context(), Selection{AllNamespaces: true}); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("list all: %v", err)
	}
}

// Seen to fail with a patch that removes the word whoever asked last: somebody else's dry run would then have been a
// real one.
func TestTheWordOfADryRunGoesWithItsRequestOnly(t *testing.T) {
	lab := clustertest.Start(t)
	cluster, err := Connect(lab.Admin, lab.Namespace(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		value string
		stays bool
	}{"mine": {"mine", false}, "theirs": {"theirs", true}} {
		t.Run(name, func(t *testing.T) {
			ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: cluster.Namespace, Name: name}}
			ms.Spec.Task, ms.Spec.Schedule = "verify-references", "0 3 1 1 *"
			ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: c.value, v1alpha1.AnnotationRunNowDryRun: "true"}
			if err := lab.Client.Create(t.Context(), ms); err != nil {
				t.Fatal(err)
			}
			if err := cluster.ForgetDryRun(t.Context(), name, Request{Value: "mine", DryRun: true}); err != nil {
				t.Fatal(err)
			}
			after, err := cluster.Schedule(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if _, there := after.Annotations[v1alpha1.AnnotationRunNowDryRun]; there != c.stays {
				t.Errorf("the annotations are %v", after.Annotations)
			}
		})
	}
}

// What has begun, or is somebody else's, is not taken back.
func TestARequestIsTakenBackWhereItHasNotBegun(t *testing.T) {
	lab := clustertest.Start(t)
	cluster, err := Connect(lab.Admin, lab.Namespace(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		value, begun string
		withdrawn    bool
	}{"waiting": {"plan:1", "", true}, "begun": {"plan:1", "plan:1", false}, "theirs": {"plan:2", "", false}} {
		t.Run(name, func(t *testing.T) {
			ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: cluster.Namespace, Name: name}}
			ms.Spec.Task, ms.Spec.Schedule = "verify-references", "0 3 1 1 *"
			ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: c.value, v1alpha1.AnnotationRunNowDryRun: "true"}
			if err := lab.Client.Create(t.Context(), ms); err != nil {
				t.Fatal(err)
			}
			ms.Status.RunNow = c.begun
			if err := lab.Client.Status().Update(t.Context(), ms); err != nil {
				t.Fatal(err)
			}
			withdrawn, err := cluster.Withdraw(t.Context(), name, Request{Value: "plan:1", DryRun: true})
			if err != nil || withdrawn != c.withdrawn {
				t.Errorf("withdrawn %v, %v", withdrawn, err)
			}
			after, err := cluster.Schedule(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if left := len(after.Annotations); (left == 0) != c.withdrawn {
				t.Errorf("the annotations are %v", after.Annotations)
			}
		})
	}
}
