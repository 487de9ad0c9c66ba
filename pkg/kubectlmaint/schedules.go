// Package kubectlmaint is what the kubectl plugin does with schedules: reading, waiting, the patches, and what people
// see of it.
//
// What is printed and what is patched are pure functions: a schedule in, text or bytes out. Cluster is the only thing
// here that talks to an API server. It writes MaintenanceSchedules; only a check creates a Job, and only a check and
// Stop delete one. It must not write a status or read a Secret, so that whoever may use the rest needs no other right
// than to change schedules.
package kubectlmaint

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/manifests"
)

// FieldManager is the plugin's name in managed fields.
const FieldManager = "kubectl-maint"

// plural is the resource in URLs.
const plural = "maintenanceschedules"

// Cluster is an API server, seen from one namespace.
type Cluster struct {
	Namespace string

	schedules rest.Interface
	kube      kubernetes.Interface
	codec     runtime.ParameterCodec
}

// Connect makes the clients; it sends nothing yet.
func Connect(config *rest.Config, namespace string) (*Cluster, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	own := rest.CopyConfig(config)
	own.APIPath, own.GroupVersion = "/apis", &v1alpha1.GroupVersion
	own.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	schedules, err := rest.RESTClientFor(own)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	return &Cluster{Namespace: namespace, schedules: schedules, kube: kube,
		codec: runtime.NewParameterCodec(scheme)}, nil
}

// Selection says which schedules to list.
type Selection struct {
	AllNamespaces bool
	Labels        string // a label selector; empty: all
}

func (s Selection) namespace(own string) string {
	if s.AllNamespaces {
		return metav1.NamespaceAll
	}
	return own
}

// List is the schedules of the selection, in the order of their names.
func (c *Cluster) List(ctx context.Context, of Selection) (*v1alpha1.MaintenanceScheduleList, error) {
	found, err := c.list(ctx, of.namespace(c.Namespace), of.Labels)
	if err != nil {
		return nil, explain("list the schedules", err)
	}
	for i := range found.Items {
		setKind(&found.Items[i])
	}
	slices.SortFunc(found.Items, func(a, b v1alpha1.MaintenanceSchedule) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return found, nil
}

func (c *Cluster) list(ctx context.Context, namespace, labels string) (*v1alpha1.MaintenanceScheduleList, error) {
	found := &v1alpha1.MaintenanceScheduleList{}
	answer := c.schedules.Get().Resource(plural).NamespaceIfScoped(namespace, namespace != "").
		Param("labelSelector", labels).Do(ctx)
	if err := answer.Error(); err != nil {
		return found, err
	}
	body, err := answer.Raw()
	if err == nil { // the decoder of client-go would read it all once before, to find the kind
		err = json.Unmarshal(body, found)
	}
	found.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.Kind + "List"))
	return found, err
}

// Schedule is the schedule of that name.
func (c *Cluster) Schedule(ctx context.Context, name string) (*v1alpha1.MaintenanceSchedule, error) {
	ms := &v1alpha1.MaintenanceSchedule{}
	err := c.schedules.Get().Namespace(c.Namespace).Resource(plural).Name(name).Do(ctx).Into(ms)
	return c.answer(ctx, "read the schedule "+name, ms, err)
}

// Patch changes the schedule by a JSON merge patch.
func (c *Cluster) Patch(ctx context.Context, name string, patch []byte) (*v1alpha1.MaintenanceSchedule, error) {
	ms := &v1alpha1.MaintenanceSchedule{}
	err := c.schedules.Patch(types.MergePatchType).Namespace(c.Namespace).Resource(plural).Name(name).
		Param("fieldManager", FieldManager).Body(patch).Do(ctx).Into(ms)
	return c.answer(ctx, "change the schedule "+name, ms, err)
}

// Applying is how Apply writes.
type Applying struct {
	DryRun bool // the API server checks, and stores nothing
	Force  bool // fields that somebody else applied are taken over
}

// Apply writes a schedule of a config.json by server-side apply: what the file does not say stays as it is. What the
// API server would make of it must pass RefuseShared.
func (c *Cluster) Apply(ctx context.Context, m manifests.Manifest,
	how Applying) (*v1alpha1.MaintenanceSchedule, error) {
	checked, err := c.apply(ctx, m, Applying{DryRun: true, Force: how.Force})
	if err != nil {
		return nil, err
	}
	if err := c.RefuseShared(ctx, checked); err != nil {
		return nil, fmt.Errorf("apply the schedule %s: %w", m.Metadata.Name, err)
	}
	if how.DryRun {
		return checked, nil
	}
	return c.apply(ctx, m, how)
}

func (c *Cluster) apply(ctx context.Context, m manifests.Manifest,
	how Applying) (*v1alpha1.MaintenanceSchedule, error) {
	var body bytes.Buffer
	if err := manifests.Write(&body, []manifests.Manifest{m}); err != nil {
		return nil, err
	}
	request := c.schedules.Patch(types.ApplyYAMLPatchType).Namespace(m.Metadata.Namespace).Resource(plural).
		Name(m.Metadata.Name).
		Param("fieldManager", FieldManager).Param("force", fmt.Sprint(how.Force)).Body(body.Bytes())
	if how.DryRun {
		request = request.Param("dryRun", metav1.DryRunAll)
	}
	ms := &v1alpha1.MaintenanceSchedule{}
	if err := request.Do(ctx).Into(ms); err != nil {
		return nil, explain("apply the schedule "+m.Metadata.Name, err)
	}
	setKind(ms)
	return ms, nil
}

// Create makes a schedule of its JSON. It never changes one that exists, and a field that the resource does not have is
// an error. A dry run stores nothing. The error is the API server's, with its causes.
func (c *Cluster) Create(ctx context.Context, schedule []byte, dryRun bool) (*v1alpha1.MaintenanceSchedule, error) {
	request := c.schedules.Post().Namespace(c.Namespace).Resource(plural).
		SetHeader("Content-Type", runtime.ContentTypeJSON).
		Param("fieldManager", FieldManager).Param("fieldValidation", metav1.FieldValidationStrict).Body(schedule)
	if dryRun {
		request = request.Param("dryRun", metav1.DryRunAll)
	}
	ms := &v1alpha1.MaintenanceSchedule{}
	if err := request.Do(ctx).Into(ms); err != nil {
		return nil, explain("create the schedule", err)
	}
	setKind(ms)
	return ms, nil
}

// watch shows how the schedule changes from that version on.
func (c *Cluster) watch(ctx context.Context, ms *v1alpha1.MaintenanceSchedule) (watch.Interface, error) {
	return c.schedules.Get().Namespace(ms.Namespace).Resource(plural).VersionedParams(&metav1.ListOptions{
		Watch: true, ResourceVersion: ms.ResourceVersion, FieldSelector: "metadata.name=" + ms.Name}, c.codec).
		Watch(ctx)
}

func (c *Cluster) answer(ctx context.Context, what string, ms *v1alpha1.MaintenanceSchedule,
	err error) (*v1alpha1.MaintenanceSchedule, error) {
	if err != nil {
		return nil, c.diagnose(ctx, what, err)
	}
	setKind(ms)
	return ms, nil
}

// setKind names the kind, which the decoder leaves out and whoever reads JSON needs.
func setKind(ms *v1alpha1.MaintenanceSchedule) {
	ms.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.Kind))
}
