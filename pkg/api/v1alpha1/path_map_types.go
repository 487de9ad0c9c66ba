package v1alpha1

// PathMap says where recorded paths are found in the pod.
type PathMap struct {
	// The beginning of a recorded path, such as D:/Photos.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.contains('=')",message="pathMaps.from must not hold an equals sign: map a shorter beginning of the path"
	From string `json:"from"`
	// What takes its place, such as /library/photos.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.startsWith('/')",message="pathMaps.to: write an absolute path in the pod, such as /library/photos"
	To string `json:"to"`
}
