package controller

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// asTheChartSays is a user with the rights of the chart's role in the lab's namespace, and no others: every test of
// this package has its controller work as that, and fails where the API server forbids it anything. Seen to fail with
// the right to update CronJobs taken out of the role.
func (l *lab) asTheChartSays() *rest.Config {
	l.t.Helper()
	rules, err := chartRules(tooltest.Path(l.t, "helm"))
	if err != nil {
		l.t.Fatal(err)
	}
	user := "system:serviceaccount:" + l.namespace + ":maintenance-controller"
	object := metav1.ObjectMeta{Namespace: l.namespace, Name: "maintenance-controller"}
	for _, o := range []client.Object{
		&rbacv1.Role{ObjectMeta: object, Rules: rules},
		&rbacv1.RoleBinding{ObjectMeta: object, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role",
			Name: object.Name},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}}},
	} {
		if err := l.Client.Create(l.t.Context(), o); err != nil {
			l.t.Fatal(err)
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", l.Kubeconfig(l.t, user, "system:serviceaccounts"))
	if err != nil {
		l.t.Fatal(err)
	}
	config.QPS, config.Burst = l.Admin.QPS, l.Admin.Burst
	l.untilTheRoleHolds(config)
	forbiddenBefore := l.forbidden(user)
	l.t.Cleanup(func() {
		for access := range l.forbidden(user) {
			if !forbiddenBefore[access] {
				l.t.Errorf("the API server forbade the controller to %s %s", access.Verb, access.Resource)
			}
		}
	})
	return config
}

// untilTheRoleHolds waits for the API server, which hears of a new role a moment later.
func (l *lab) untilTheRoleHolds(config *rest.Config) {
	l.t.Helper()
	user, err := client.New(config, client.Options{Scheme: clustertest.Scheme()})
	if err != nil {
		l.t.Fatal(err)
	}
	clustertest.Eventually(l.t, "the role holds", func() (bool, string) {
		err := user.List(context.Background(), &v1alpha1.MaintenanceScheduleList{}, client.InNamespace(l.namespace))
		return err == nil, fmt.Sprint(err)
	})
}

func (l *lab) forbidden(user string) map[clustertest.Access]bool {
	_, forbidden := l.Accesses(l.t, user)
	return forbidden
}

var rendered = struct {
	once  sync.Once
	rules []rbacv1.PolicyRule
	err   error
}{}

// chartRules are the rules of the controller's role, as helm renders the chart.
func chartRules(helm string) ([]rbacv1.PolicyRule, error) {
	rendered.once.Do(func() {
		out, err := exec.Command(helm, "template", "maintenance", filepath.Join(tooltest.Root(), "charts", "maintenance"),
			"--set", "images.registry=registry.example.com/ucorefs",
			"--show-only", "templates/rbac.yaml").Output()
		if err != nil {
			rendered.err = fmt.Errorf("helm template: %w", err)
			return
		}
		rendered.rules, rendered.err = controllersRules(string(out))
	})
	return rendered.rules, rendered.err
}

func controllersRules(documents string) ([]rbacv1.PolicyRule, error) {
	for _, document := range strings.Split(documents, "\n---\n") {
		var role rbacv1.Role
		if err := yaml.Unmarshal([]byte(document), &role); err != nil {
			return nil, err
		}
		if role.Kind == "Role" && role.Name == "maintenance-controller" {
			return role.Rules, nil
		}
	}
	return nil, errors.New("the chart has no role of the controller")
}
