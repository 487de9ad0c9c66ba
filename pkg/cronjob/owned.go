package cronjob

import (
	"encoding/json"
	"reflect"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// holdsSpec tells whether current has every field that desired sets, with its value. Elements of lists are matched by
// their names, as the API server does in a server-side apply, and further ones are others'. What opens the sandbox of
// the pods is never others'.
func holdsSpec(current, desired batchv1.CronJobSpec) bool {
	return !isOpened(current.JobTemplate.Spec.Template.Spec) && holdsValue(tree(current), tree(desired))
}

// isOpened tells whether somebody gave the pods what Build never gives them: parts of the node, or privileges.
func isOpened(pod corev1.PodSpec) bool {
	if pod.HostNetwork || pod.HostPID || pod.HostIPC {
		return true
	}
	for _, v := range pod.Volumes {
		if v.HostPath != nil {
			return true
		}
	}
	for _, c := range append(pod.InitContainers[:len(pod.InitContainers):len(pod.InitContainers)], pod.Containers...) {
		s := c.SecurityContext
		if s != nil && (s.Privileged != nil && *s.Privileged || c.Name == ContainerName && s.Capabilities != nil &&
			len(s.Capabilities.Add) > 0) {
			return true
		}
	}
	return false
}

// tree is a spec as JSON has it.
func tree(spec batchv1.CronJobSpec) (value any) {
	text, err := json.Marshal(spec)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil { // no field of it can fail
		panic("cronjob: read a spec back: " + err.Error())
	}
	return value
}

func holdsValue(current, desired any) bool {
	switch want := desired.(type) {
	case map[string]any:
		have, ok := current.(map[string]any)
		if !ok {
			return len(want) == 0 && current == nil
		}
		for key, value := range want {
			if !holdsValue(have[key], value) {
				return false
			}
		}
		return true
	case []any:
		have, _ := current.([]any)
		return holdsList(have, want)
	}
	return reflect.DeepEqual(current, desired)
}

// holdsList matches elements that have a name; other lists are one value, such as a command line.
func holdsList(current, desired []any) bool {
	for i, want := range desired {
		key, named := nameOf(want)
		if !named {
			return len(current) == len(desired) && i < len(current) && reflect.DeepEqual(current, desired)
		}
		if !holdsValue(elementOf(current, key), want) {
			return false
		}
	}
	return true
}

// elementName is the field that tells the elements of a list apart, and its value.
type elementName struct{ field, value string }

// nameOf is the name of a list's element: of containers, variables, volumes and ports their name, of mounts their path.
func nameOf(element any) (elementName, bool) {
	fields, _ := element.(map[string]any)
	for _, field := range []string{"mountPath", "name"} {
		if value, ok := fields[field].(string); ok {
			return elementName{field, value}, true
		}
	}
	return elementName{}, false
}

func elementOf(list []any, name elementName) any {
	for _, element := range list {
		if fields, ok := element.(map[string]any); ok && fields[name.field] == name.value {
			return element
		}
	}
	return nil
}
