package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// IdleSpec is the idle gate. The signs of use that the library declares are always read; the probes named here are
// asked as well. If any of them reports busy or fails, the library counts as busy, and the result says why.
// +kubebuilder:validation:XValidation:rule="!(has(self.database) || has(self.http) || has(self.prometheus)) || duration(self.threshold) <= duration(self.maxWait)",message="idle.maxWait is shorter than idle.threshold, for which a probe is watched, so that no run would ever begin: let maxWait be the longer one"
type IdleSpec struct {
	// How long the library must have been idle before a run starts, such as 5m.
	// +optional
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0",message="idle.threshold: write hours, minutes and seconds, such as 5m"
	Threshold *metav1.Duration `json:"threshold,omitempty"`
	// How long a run waits for that, such as 30m.
	// +optional
	// +kubebuilder:default="30m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0",message="idle.maxWait: write hours, minutes and seconds, such as 30m"
	MaxWait *metav1.Duration `json:"maxWait,omitempty"`
	// What a run does when it has waited that long. Skip: it ends as Skipped with the reason NotIdle, and one that began
	// pauses when the library is in use again. Run: it begins in any case, and does not pause for load either.
	// +optional
	// +kubebuilder:default=Skip
	OnTimeout IdleOnTimeout `json:"onTimeout,omitempty"`
	// Look at what other clients do to the database.
	// +optional
	Database *IdleDatabaseSpec `json:"database,omitempty"`
	// Ask an address, which the application or a sidecar of it answers.
	// +optional
	HTTP *IdleHTTPSpec `json:"http,omitempty"`
	// Ask a Prometheus server.
	// +optional
	Prometheus *IdlePrometheusSpec `json:"prometheus,omitempty"`
}

// IdleOnTimeout is what a run does that has waited for the library to be idle as long as it may.
// +kubebuilder:validation:Enum=Skip;Run
type IdleOnTimeout string

// The ends of a wait.
const (
	IdleOnTimeoutSkip IdleOnTimeout = "Skip"
	IdleOnTimeoutRun  IdleOnTimeout = "Run"
)

// IdleDatabaseSpec is the activity of the database.
type IdleDatabaseSpec struct {
	// How many operations a second (find, getMore, aggregate, count, distinct, insert, update, delete, findAndModify)
	// other clients may do on the server while the library counts as idle. The run's own are not counted; those of other
	// runs are. The user of the connection string needs the privilege serverStatus (in the role clusterMonitor).
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	OperationsPerSecond *int32 `json:"operationsPerSecond"`
}

// IdleHTTPSpec is an address that tells whether the library is idle.
type IdleHTTPSpec struct {
	// Where to ask by GET, such as http://uexplorer:8080/idle. 200 and 204 mean idle; 423, 429 and 503 mean busy; anything
	// else, and no answer within 5s, is a broken probe and counts as busy. A redirect to another host is not followed.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^https?://[^/?#@ ]+([/?][^# ]*)?$')",message="idle.http.url: write http://HOST:PORT/PATH or https://…, without a user name, a password or a #"
	URL string `json:"url"`
}

// IdlePrometheusSpec is a query that tells whether the library is idle.
type IdlePrometheusSpec struct {
	// The server, such as http://prometheus.monitoring:9090.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^https?://[^/?#@ ]+(/[^?# ]*)?$')",message="idle.prometheus.url: write http://HOST:PORT or https://…, without a user name, a password, a ? or a #"
	URL string `json:"url"`
	// The query, such as sum(rate(http_requests_total{job="uexplorer"}[2m])) or vector(0). An answer without a value
	// counts as busy.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Query string `json:"query"`
	// The library is in use while any value of the answer is above this, such as 2 or "0.5".
	// +optional
	// +kubebuilder:default="0"
	// +kubebuilder:validation:XValidation:rule="isQuantity(string(self))",message="idle.prometheus.max: write a number, such as 2 or '0.5'"
	Max *resource.Quantity `json:"max,omitempty"`
}
