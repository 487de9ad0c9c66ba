{{- define "maintenance.name" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{ $name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "maintenance.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end }}

{{- define "maintenance.labels" -}}
{{ include "maintenance.ownLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "maintenance.ownLabels" -}}
{{ include "maintenance.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "maintenance.dashboardSelectorLabels" -}}
{{ merge (dict "app.kubernetes.io/component" "dashboard") (include "maintenance.selectorLabels" . | fromYaml) | toYaml }}
{{- end }}

{{- define "maintenance.dashboardLabels" -}}
{{ merge (dict "app.kubernetes.io/component" "dashboard") (include "maintenance.labels" . | fromYaml) | toYaml }}
{{- end }}

{{- define "maintenance.dashboardServiceAccount" -}}
{{ .Values.dashboard.serviceAccount.name | default (printf "%s-dashboard" (include "maintenance.name" .)) }}
{{- end }}

{{- define "maintenance.controllerServiceAccount" -}}
{{ .Values.controller.serviceAccount.name | default (printf "%s-controller" (include "maintenance.name" .)) }}
{{- end }}

{{- define "maintenance.jobServiceAccount" -}}
{{ .Values.jobs.serviceAccount.name | default (printf "%s-jobs" (include "maintenance.name" .)) }}
{{- end }}

{{- /* The namespace to watch; empty: all. */ -}}
{{- define "maintenance.watched" -}}
{{- if ne .Values.watchNamespace "*" }}{{ .Values.watchNamespace | default .Release.Namespace }}{{ end }}
{{- end }}

{{- /* Where the jobs' service account goes. */ -}}
{{- define "maintenance.jobNamespace" -}}
{{ include "maintenance.watched" . | default .Release.Namespace }}
{{- end }}

{{- define "maintenance.lowPriorityClass" -}}
{{- if .Values.jobs.lowPriorityClassName }}{{ .Values.jobs.lowPriorityClassName }}
{{- else if .Values.lowPriorityClass.create }}{{ .Release.Namespace }}-{{ include "maintenance.name" . }}-low
{{- end }}
{{- end }}

{{- define "maintenance.normalPriorityClass" -}}
{{- if .Values.jobs.normalPriorityClassName }}{{ .Values.jobs.normalPriorityClassName }}
{{- else if .Values.normalPriorityClass.create }}{{ .Release.Namespace }}-{{ include "maintenance.name" . }}-normal
{{- end }}
{{- end }}

{{- define "maintenance.highPriorityClass" -}}
{{- if .Values.jobs.highPriorityClassName }}{{ .Values.jobs.highPriorityClassName }}
{{- else if .Values.highPriorityClass.create }}{{ .Release.Namespace }}-{{ include "maintenance.name" . }}-high
{{- end }}
{{- end }}

{{- /* The registry of the images; empty: their repositories are complete. */ -}}
{{- define "maintenance.registry" -}}
{{ .Values.global.imageRegistry | default .Values.images.registry | trimSuffix "/" }}
{{- end }}

{{- /* The reference of one image: dict "image" and "top". */ -}}
{{- define "maintenance.image" -}}
{{ with include "maintenance.registry" .top }}{{ . }}/{{ end }}{{ .image.repository }}{{ if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag | default .top.Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* "true" where the cluster decides with which ids a pod runs. */ -}}
{{- define "maintenance.openshift" -}}
{{- if kindIs "bool" .Values.openshift }}{{ .Values.openshift }}
{{- else }}{{ .Capabilities.APIVersions.Has "security.openshift.io/v1/SecurityContextConstraints" }}
{{- end }}
{{- end }}

{{- /* What the controller writes onto the pods of all runs: see pkg/cronjob. */ -}}
{{- define "maintenance.jobSelectorLabels" -}}
app.kubernetes.io/name: maint-job
app.kubernetes.io/managed-by: ucorefs-maintenance
{{- end }}

{{- define "maintenance.egressToDNS" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
    {{- if eq (include "maintenance.openshift" .) "true" }} # there the pods of the DNS listen elsewhere
    - {port: 5353, protocol: UDP}
    - {port: 5353, protocol: TCP}
    {{- end }}
{{- end }}

{{- /* "true" where the metrics are for whom the API server lets read them. */ -}}
{{- define "maintenance.metricsSecure" -}}
{{- if kindIs "bool" .Values.metrics.secure }}{{ .Values.metrics.secure }}
{{- else }}{{ eq (include "maintenance.watched" .) "" }}
{{- end }}
{{- end }}

{{- /* "true" where an object of the Prometheus operator is wanted: dict "value" (true, false, Auto), "kind" and "top". */ -}}
{{- define "maintenance.monitoring" -}}
{{- if kindIs "bool" .value }}{{ .value }}
{{- else }}{{ .top.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" .kind) }}
{{- end }}
{{- end }}

{{- /* The address of the runbooks; empty where there is none. */ -}}
{{- define "maintenance.runbooks" -}}
{{- $docs := trimSuffix "/" .Values.docsURL }}
{{- .Values.metrics.prometheusRule.runbookURL | trimSuffix "/" | default (ternary "" (printf "%s/runbooks" $docs) (empty $docs)) }}
{{- end }}

{{- /* The flags that the Deployment sets, and the values that say how. */ -}}
{{- define "maintenance.flags" -}}
leader-elect: controller.replicas
leader-election-namespace: the release's namespace
log-level: controller.logLevel
watch-namespace: watchNamespace
metrics-secure: metrics.secure
metrics-cert-dir: metrics.tlsSecretName
job-image: images.job
job-image-pull-policy: images.pullPolicy
job-service-account: jobs.serviceAccount
job-low-priority-class: jobs.lowPriorityClassName
job-normal-priority-class: jobs.normalPriorityClassName
job-high-priority-class: jobs.highPriorityClassName
job-progress-port: jobs.progressPort
job-log-level: jobs.logLevel
job-user: jobs.user
job-group: jobs.group
job-fs-group: jobs.fsGroup
job-ids-from-cluster: openshift
job-host-users: jobs.hostUsers
job-resources: jobs.resources
job-volumes: jobs.volumes
database-secret: database.secretName
database-secret-key: database.secretKey
database-name: database.name
database-tls-secret: database.tlsSecretName
database-token-audience: database.tokenAudience
database-library-config-map: database.libraryConfigMap
{{- end }}
