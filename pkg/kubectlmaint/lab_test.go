package kubectlmaint

import (
	"errors"
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/clustertest"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// A cluster without the resource is told from a name that does not exist: here by a version that the API server has not.
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
	if _, err := cluster.Schedule(t.Context(), "x"); !errors.Is(err, errNotInstalled) {
		t.Errorf("read one: %v", err)
	}
	if _, err := cluster.List(t.Context(), true); !errors.Is(err, errNotInstalled) {
		t.Errorf("list all: %v", err)
	}
}
