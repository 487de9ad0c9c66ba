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
{{ include "maintenance.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
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

{{- /* The reference of one image: dict "image" and "Chart". */ -}}
{{- define "maintenance.image" -}}
{{ .image.repository }}{{ if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
