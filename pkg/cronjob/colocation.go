package cronjob

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Colocated is a pod that runs have to share the node of, since it has mounted a claim that only one node at a time can
// mount.
type Colocated struct {
	Labels map[string]string // which only pods on that node have, so that runs follow the pod when it moves
	Node   string            // its name, where no labels can say it; else empty
}

// Claims are the names of the claims that the runs of a schedule mount, each once. A spec that cannot work mounts none.
func Claims(ms *v1alpha1.MaintenanceSchedule, settings Settings) (names []string) {
	r := &Resolved{owner: ms, settings: settings}
	if r.resolveTask() != nil || r.resolveVolumes() != nil {
		return nil
	}
	for _, v := range r.podVolumes() {
		if claim := v.PersistentVolumeClaim; claim != nil {
			names = append(names, claim.ClaimName)
		}
	}
	return names
}

// SetColocated makes the runs share the nodes of these pods.
func (r *Resolved) SetColocated(pods []Colocated) { r.holders = pods }

// affinity is nil where runs may be on any node.
func (r *Resolved) affinity() *corev1.Affinity {
	if len(r.holders) == 0 {
		return nil
	}
	var pods []corev1.PodAffinityTerm
	var nodes []corev1.NodeSelectorRequirement
	for _, b := range r.holders {
		if b.Node != "" {
			nodes = append(nodes, corev1.NodeSelectorRequirement{Key: metav1.ObjectNameField,
				Operator: corev1.NodeSelectorOpIn, Values: []string{b.Node}})
			continue
		}
		pods = append(pods, corev1.PodAffinityTerm{TopologyKey: corev1.LabelHostname,
			LabelSelector: &metav1.LabelSelector{MatchLabels: b.Labels}})
	}
	affinity := &corev1.Affinity{}
	if len(pods) > 0 {
		affinity.PodAffinity = &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: pods}
	}
	if len(nodes) > 0 {
		affinity.NodeAffinity = &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: nodes}},
		}}
	}
	return affinity
}
