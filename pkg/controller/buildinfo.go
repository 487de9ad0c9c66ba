package controller

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
)

// BuildInfo says in the metrics which program this is.
func BuildInfo(version string) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "maintenance_build_info",
		Help:        "1; the labels say which version of the controller this is.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()}})
	info.Set(1)
	return info
}
