package charttest

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Values that are right each by itself and impossible together are refused with the cause and the remedy. Seen to fail
// without templates/validations.yaml, where all of them render.
func TestValuesThatExcludeEachOtherAreRefused(t *testing.T) {
	tests := map[string]struct {
		values []string
		says   []string // the cause, the remedy
	}{
		"no account for the controller": {
			[]string{"controller.serviceAccount.create=false"},
			[]string{"controller.serviceAccount.name is empty", "write the name of the one that you made"},
		},
		"no account for the runs": {
			[]string{"jobs.serviceAccount.create=false"},
			[]string{"jobs.serviceAccount.name is empty", "let the chart make it"},
		},
		"a limit that counts nothing": {
			[]string{"lowPriorityClass.create=false"},
			[]string{"jobs.maxConcurrent is 8 but would not count runs of priority Low", "jobs.lowPriorityClassName"},
		},
		"priorities upside down": {
			[]string{"lowPriorityClass.value=5", "normalPriorityClass.value=0"},
			[]string{"lowPriorityClass.value is above normalPriorityClass.value (5, 0)", "raise normalPriorityClass.value"},
		},
		"priorities upside down around one that is not made": {
			[]string{"normalPriorityClass.create=false", "jobs.normalPriorityClassName=mine", "lowPriorityClass.value=50"},
			[]string{"lowPriorityClass.value is above highPriorityClass.value (50, 10)"},
		},
		"images that nobody has": {
			[]string{"images.registry="},
			[]string{"no public registry holds maint-controller, maint-job: push",
				"make push REGISTRY=registry.example.com/ucorefs", "set images.registry to it",
				"set images.controller.repository, images.job.repository to the full names"},
		},
		"an image of the dashboard that nobody has": {
			[]string{"images.registry=", "images.controller.repository=a/b", "images.job.repository=a/c",
				"dashboard.enabled=true"},
			[]string{"no public registry holds maint-dashboard: push", "set images.dashboard.repository to the full names"},
		},
		"a proxy that is anywhere": {
			[]string{"dashboard.enabled=true", "dashboard.auth=proxy"},
			[]string{"anybody could claim to be anybody", "write the addresses of the proxy"},
		},
		"a proxy that every pod may pretend to be": {
			[]string{"dashboard.enabled=true", "dashboard.auth=proxy", "dashboard.proxy.cidrs={10.0.0.0/8}",
				"networkPolicy.enabled=true"},
			[]string{"networkPolicy.dashboardFrom is empty", "select the proxy's pods"},
		},
		"the administrators as a group of people": {
			[]string{"dashboard.enabled=true", "dashboard.auth=proxy", "dashboard.proxy.cidrs={10.1.2.3/32}",
				"dashboard.proxy.groups={media,system:masters}"},
			[]string{"dashboard.proxy.groups names system:masters", "name your own"},
		},
		"replicas with a key each": {
			[]string{"dashboard.enabled=true", "dashboard.replicas=2"},
			[]string{"no replica could read the sessions of another", "kubectl create secret generic maintenance-dashboard"},
		},
		"an Ingress for nobody": {
			[]string{"dashboard.enabled=true", "dashboard.ingress.enabled=true"},
			[]string{"dashboard.ingress.host is empty", "such as maintenance.example.com"},
		},
		"an HTTPRoute for nobody": {
			[]string{"dashboard.enabled=true", "dashboard.httpRoute.enabled=true", "dashboard.httpRoute.parentRefs[0].name=web"},
			[]string{"dashboard.httpRoute.host is empty", "such as maintenance.example.com"},
		},
		"an HTTPRoute that no Gateway serves": {
			[]string{"dashboard.enabled=true", "dashboard.httpRoute.enabled=true", "dashboard.httpRoute.host=a.example"},
			[]string{"dashboard.httpRoute.parentRefs is empty", "name your Gateway"},
		},
		"an HTTPRoute to nothing": {
			[]string{"dashboard.httpRoute.enabled=true", "dashboard.httpRoute.host=a.example",
				"dashboard.httpRoute.parentRefs[0].name=web"},
			[]string{"dashboard.enabled is false"},
		},
		"an Ingress to nothing": {
			[]string{"dashboard.ingress.enabled=true", "dashboard.ingress.host=a.example"},
			[]string{"dashboard.enabled is false"},
		},
		"quantities that are none": {
			[]string{"jobs.resources.limits.memory=1Gb", "controller.resources.requests.cpu=two",
				"controller.resources.limits.memory=256 MB"},
			[]string{"jobs.resources.limits.memory is 1Gb, which is not a Kubernetes quantity: write 1Gi",
				"controller.resources.requests.cpu is two, which is not a Kubernetes quantity: write 250m or 2",
				"is 256 MB, which is not a Kubernetes quantity: write 256Mi"},
		},
		"a folder twice": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library/a",
				"jobs.volumes[1].claimName=a,jobs.volumes[1].use=Library,jobs.volumes[1].mountPath=/library/b"},
			[]string{"has the same folder twice (claimName a)", "remove one of the two"},
		},
		"memory without its unit": {
			[]string{"controller.resources.limits.memory=512m", "jobs.resources.limits.memory=100",
				"dashboard.resources.limits.memory=0"},
			[]string{"controller.resources.limits.memory is 512m, which is less than 1Mi: write 512Mi",
				"jobs.resources.limits.memory is 100, which is less than 1Mi: write 100Mi",
				"dashboard.resources.limits.memory is 0, which is less than 1Mi: write 128Mi or more"},
		},
		"requests above the limits": {
			[]string{"jobs.resources.requests.memory=2Gi", "controller.resources.requests.memory=1Gi",
				"dashboard.resources.requests.cpu=1", "dashboard.resources.limits.cpu=500m"},
			[]string{"jobs.resources.requests.memory is 2Gi, which is more than jobs.resources.limits.memory (1Gi): lower the " +
				"request, or raise the limit", "controller.resources.requests.memory is 1Gi",
				"dashboard.resources.requests.cpu is 1, which is more than dashboard.resources.limits.cpu (500m)"},
		},
		"a resource that is none": {
			[]string{"jobs.resources.limits.mem=1Gi", "dashboard.resources.requests.ram=1Gi"},
			[]string{"jobs.resources.limits.mem is not a resource that Kubernetes knows: write cpu, memory",
				"dashboard.resources.requests.ram is not"},
		},
		"a folder twice, written otherwise": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library/a,jobs.volumes[0].subPath=x", "jobs.volumes[1].claimName=a,jobs.volumes[1].use=Library,jobs.volumes[1].mountPath=/library/b,jobs.volumes[1].subPath=./x/"},
			[]string{"has the same folder twice (claimName a, subPath x), at /library/a with use Library and at /library/b " +
				"with use Library", "neither folder lies in the other"},
		},
		"a folder and one below it": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Cache,jobs.volumes[0].mountPath=/cache/a,jobs.volumes[0].subPath=x/y", "jobs.volumes[1].claimName=a,jobs.volumes[1].use=Cache,jobs.volumes[1].mountPath=/cache/b,jobs.volumes[1].subPath=x"},
			[]string{"has the same folder twice (claimName a, subPath x/y)"},
		},
		"a claim and a folder of it": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library/a",
				"jobs.volumes[1].claimName=a,jobs.volumes[1].use=Library,jobs.volumes[1].mountPath=/library/b,jobs.volumes[1].subPath=x"},
			[]string{"has the same folder twice (claimName a, subPath x)"},
		},
		"a cache in the library": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library/a",
				"jobs.volumes[1].claimName=a,jobs.volumes[1].use=Cache,jobs.volumes[1].mountPath=/cache,jobs.volumes[1].subPath=x"},
			[]string{"has the same folder twice (claimName a, subPath x), at /library/a with use Library and at /cache with " +
				"use Cache"},
		},
		"logs that are a part of the cache": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Logs,jobs.volumes[0].mountPath=/logs,jobs.volumes[0].subPath=x", "jobs.volumes[1].claimName=a,jobs.volumes[1].use=Cache,jobs.volumes[1].mountPath=/cache"},
			[]string{"has the same folder twice (claimName a, subPath x)"},
		},
		"two folders for logs": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Logs,jobs.volumes[0].mountPath=/logs/a",
				"jobs.volumes[1].claimName=b,jobs.volumes[1].use=Logs,jobs.volumes[1].mountPath=/logs/b"},
			[]string{"has 2 volumes with use Logs (a, b)", "spec.volumes"},
		},
		"a volume of the controller twice": {
			[]string{"controller.volumes[0].name=ca,controller.volumes[0].emptyDir.medium=Memory",
				"controller.volumes[1].name=ca,controller.volumes[1].emptyDir.medium=Memory"},
			[]string{"there is one of that name already"},
		},
		"two mounts of the controller in one place": {
			[]string{"controller.volumes[0].name=ca,controller.volumes[0].emptyDir.medium=Memory",
				"controller.volumeMounts[0].name=ca,controller.volumeMounts[0].mountPath=/ca",
				"controller.volumeMounts[1].name=ca,controller.volumeMounts[1].mountPath=/ca"},
			[]string{"controller.volumeMounts mounts two volumes at /ca"},
		},
		"two volumes in one place": {
			[]string{"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library",
				"jobs.volumes[1].claimName=b,jobs.volumes[1].use=Library,jobs.volumes[1].mountPath=/library"},
			[]string{"two volumes at /library", "a mountPath of its own"},
		},
		"ids of one's own on OpenShift": {
			[]string{"openshift=true", "jobs.user=1000"},
			[]string{"jobs.user and jobs.group are 1000 and 65532", "an SCC that allows these ids"},
		},
		"a flag that has a value": {
			[]string{"controller.extraArgs={--leader-elect=false,--watch-namespace=media}"},
			[]string{"sets --leader-elect", "controller.replicas", "sets --watch-namespace", "set watchNamespace instead"},
		},
		"a mount of nothing": {
			[]string{"controller.volumes[0].name=ca,controller.volumes[0].emptyDir.medium=Memory",
				"controller.volumeMounts[0].name=cas,controller.volumeMounts[0].mountPath=/ca"},
			[]string{"names the volume cas", "correct the name"},
		},
		"the chart's own labels on everything": {
			[]string{`commonLabels.app\.kubernetes\.io/name=x`},
			[]string{"commonLabels sets the label app.kubernetes.io/name", "use another key"},
		},
		"a common label on the pods again": {
			[]string{"commonLabels.team=a", "controller.podLabels.team=b"},
			[]string{"controller.podLabels sets the label team"},
		},
		"no way to the database": {
			[]string{"networkPolicy.enabled=true", "networkPolicy.mongodbPorts=null"},
			[]string{"no run could reach its database", "such as [27017]"},
		},
		"a monitor without a Service": {
			[]string{"metrics.service.create=false", "metrics.serviceMonitor.create=true"},
			[]string{"metrics.serviceMonitor.create is true", "set metrics.service.create to true"},
		},
		"readers of what is open": {
			[]string{"metrics.readers[0].name=a", "metrics.readers[0].namespace=b"},
			[]string{"anyone may read them", "set metrics.secure to true, which takes a ClusterRole"},
		},
		"a certificate for what is open": {
			[]string{"watchNamespace=*", "metrics.secure=false", "metrics.tlsSecretName=a"},
			[]string{"metrics.tlsSecretName is set, but the metrics are not secure"},
		},
		"the model of an earlier release": {
			[]string{"database.modelConfigMap=films-model"},
			[]string{"database.modelConfigMap was removed", "maint-job declare --print=ucorefs", `in place of "films-model"`,
				"database.libraryConfigMap"},
		},
		"everybody's CRD with one namespace's release": {
			[]string{"crds.keep=false"},
			[]string{"deletes the schedules of all namespaces", "set crds.keep to true"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			args := []string{"template", "maintenance", chart()}
			for _, value := range test.values {
				args = append(args, "--set", value)
			}
			_, err := helm(t, args...)
			if err == nil {
				t.Fatal("they are taken")
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("it does not say %q: %v", part, err)
				}
			}
		})
	}
}

// What excludes nothing is taken, however odd.
func TestValuesThatGoTogetherAreTaken(t *testing.T) {
	tests := map[string][]string{
		"no classes, no limit": {"lowPriorityClass.create=false", "normalPriorityClass.create=false",
			"highPriorityClass.create=false", "jobs.maxConcurrent=0"},
		"classes of one's own, and a limit":  {"lowPriorityClass.create=false", "jobs.lowPriorityClassName=mine"},
		"one priority for all":               {"lowPriorityClass.value=0", "highPriorityClass.value=0"},
		"replicas without a budget":          {"controller.replicas=3", "controller.podDisruptionBudget.create=false"},
		"everybody's CRD with their release": {"crds.keep=false", "watchNamespace=*"},
		"values of an earlier release":       {"database.modelConfigMap="},
		"no CRD to keep":                     {"crds.keep=false", "crds.enabled=false"},
		"a flag that has no value":           {"controller.extraArgs={--metrics-bind-address=:9090}"},
		"images that the nodes hold": {"images.registry=", "images.controller.repository=ucorefs/maint-controller",
			"images.job.repository=ucorefs/maint-job"},
		"a registry for all charts": {"images.registry=", "global.imageRegistry=registry.example.com"},
		"every form of a quantity": {"jobs.resources.limits.memory=1.5Gi", "jobs.resources.limits.cpu=2",
			"jobs.resources.requests.memory=1e8", "jobs.resources.requests.cpu=100m", "controller.resources.limits.memory=256M",
			"controller.resources.limits.cpu=0.5"},
		"two folders of one claim":           {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library/a,jobs.volumes[0].subPath=a", "jobs.volumes[1].claimName=a,jobs.volumes[1].use=Library,jobs.volumes[1].mountPath=/library/b,jobs.volumes[1].subPath=b"},
		"folders with names alike":           {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/library/a,jobs.volumes[0].subPath=x", "jobs.volumes[1].claimName=a,jobs.volumes[1].use=Library,jobs.volumes[1].mountPath=/library/b,jobs.volumes[1].subPath=x-y"},
		"a cache in the folder of the index": {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Index,jobs.volumes[0].mountPath=/index", "jobs.volumes[1].claimName=a,jobs.volumes[1].use=Cache,jobs.volumes[1].mountPath=/cache,jobs.volumes[1].subPath=x"},
		"a request that is the limit": {"jobs.resources.requests.memory=1024Mi", "controller.resources.requests.cpu=1",
			"controller.resources.limits.cpu=1000m"},
		"the resources of a device": {"jobs.resources.limits.example\\.com/gpu=1", "jobs.resources.limits.hugepages-2Mi=64Mi",
			"jobs.resources.limits.ephemeral-storage=1G"},
		"accounts that are there": {"controller.serviceAccount.create=false", "controller.serviceAccount.name=a",
			"jobs.serviceAccount.create=false", "jobs.serviceAccount.name=b"},
	}
	for name, values := range tests {
		t.Run(name, func(t *testing.T) { render(t, "ucorefs", values...) })
	}
}

// The list of the flags that extraArgs may not set is that of the Deployment.
func TestExtraArgumentsReplaceNoFlagOfTheChart(t *testing.T) {
	for _, more := range []string{"openshift=true", "watchNamespace=media,metrics.secure=true,metrics.tlsSecretName=a"} {
		deployment := ofKind(render(t, "ucorefs", more), "Deployment")[0]
		containers, _, _ := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
		args, _, _ := unstructured.NestedStringSlice(containers[0].(map[string]any), "args")
		for _, arg := range args {
			flag, _, _ := strings.Cut(arg, "=")
			if _, err := helm(t, "template", "maintenance", chart(), "--set", "controller.extraArgs={"+flag+"=x}"); err == nil ||
				!strings.Contains(err.Error(), "sets "+flag) {
				t.Errorf("controller.extraArgs may set %s: add it to maintenance.flags in templates/_helpers.tpl", flag)
			}
		}
	}
}
