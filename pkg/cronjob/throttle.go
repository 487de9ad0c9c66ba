package cronjob

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// Where a pod sees its own annotation, which the kubelet writes anew when it changes.
const (
	throttleDir  = "/etc/maintenance-throttle"
	throttleFile = "throttle"
)

func throttleVolume() corev1.Volume {
	return corev1.Volume{Name: throttleFile,
		VolumeSource: corev1.VolumeSource{DownwardAPI: &corev1.DownwardAPIVolumeSource{
			DefaultMode: new(corev1.DownwardAPIVolumeSourceDefaultMode),
			Items: []corev1.DownwardAPIVolumeFile{{Path: throttleFile, FieldRef: &corev1.ObjectFieldSelector{
				APIVersion: "v1", FieldPath: fmt.Sprintf("metadata.annotations['%s']", v1alpha1.AnnotationThrottle),
			}}},
		}}}
}

// throttles are those of a schedule.
var throttles = []v1alpha1.Throttle{v1alpha1.ThrottleOff, v1alpha1.ThrottleLow, v1alpha1.ThrottleNormal}

// ParseThrottle is the throttle of that name in any case; empty: there is none.
func ParseThrottle(name string) v1alpha1.Throttle {
	i := slices.IndexFunc(throttles, func(t v1alpha1.Throttle) bool { return strings.EqualFold(string(t), name) })
	if i < 0 {
		return ""
	}
	return throttles[i]
}

// wantedThrottle is that of the annotation, else that of the spec; empty: the priority decides.
func (r *Resolved) wantedThrottle() v1alpha1.Throttle {
	if t := ParseThrottle(r.owner.Annotations[v1alpha1.AnnotationThrottle]); t != "" {
		return t
	}
	return r.owner.Spec.Throttle
}

// Throttle is the one that every run is to have now.
func (r *Resolved) Throttle() v1alpha1.Throttle { return ParseThrottle(r.options.ThrottleLevel()) }

// ThrottleProblem says what is wrong with the annotation; empty: nothing.
func (r *Resolved) ThrottleProblem() string {
	value, exists := r.owner.Annotations[v1alpha1.AnnotationThrottle]
	if !exists || ParseThrottle(value) != "" {
		return ""
	}
	return fmt.Sprintf("the annotation %s: %q is no throttle, and spec.throttle applies: write Off, Low or Normal, or "+
		"remove it",
		v1alpha1.AnnotationThrottle, value)
}

// PodThrottle is the throttle that a run's pod was told last; empty for one that cannot be told another.
func PodThrottle(pod *corev1.Pod) v1alpha1.Throttle {
	i := slices.IndexFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == ContainerName })
	if i < 0 {
		return ""
	}
	o := jobspec.Defaults()
	for _, arg := range pod.Spec.Containers[i].Args {
		flag, value, _ := strings.Cut(arg, "=")
		switch flag {
		case "--throttle":
			o.Throttle = value
		case "--priority":
			o.Priority = value
		case "--throttle-file":
			o.ThrottleFile = value
		}
	}
	if o.ThrottleFile == "" { // a release before this one made the pod
		return ""
	}
	if told := ParseThrottle(pod.Annotations[v1alpha1.AnnotationThrottle]); told != "" {
		return told
	}
	return ParseThrottle(o.ThrottleLevel())
}
