{{- /* What is wrong with the resources of the containers, as a list in YAML. */ -}}
{{- define "maintenance.resourceProblems" -}}
{{- $problems := list }}
{{- range $path, $resources := dict "jobs.resources" .Values.jobs.resources "controller.resources" .Values.controller.resources "dashboard.resources" .Values.dashboard.resources }}
{{- range $kind := list "requests" "limits" }}
{{- range $name, $quantity := index ($resources | default dict) $kind }}
{{- $problems = concat $problems (include "maintenance.quantityProblems" (dict "name" $name "quantity" (toString $quantity) "at" (printf "%s.%s.%s" $path $kind $name)) | fromYamlArray) }}
{{- end }}
{{- end }}
{{- $limits := index ($resources | default dict) "limits" | default dict }}
{{- range $name, $quantity := index ($resources | default dict) "requests" }}
{{- $both := and (hasKey $limits $name) (include "maintenance.isQuantity" $quantity) (include "maintenance.isQuantity" (get $limits $name)) }}
{{- if and $both (gt (include "maintenance.quantity" $quantity | float64) (include "maintenance.quantity" (get $limits $name) | float64)) }}
{{- $problems = append $problems (printf "%s.requests.%s is %v, which is more than %s.limits.%s (%v): lower the request, or raise the limit" $path $name $quantity $path $name (get $limits $name)) }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $problems }}
{{- end }}

{{- /* What is wrong with one quantity: dict "name", "quantity" and "at", which is the path of the value. */ -}}
{{- define "maintenance.quantityProblems" -}}
{{- $number := regexFind "^[0-9.]+" .quantity | default "1" }}
{{- if not (or (has .name (list "cpu" "memory" "ephemeral-storage")) (hasPrefix "hugepages-" .name) (contains "/" .name)) }}
{{- list (printf "%s is not a resource that Kubernetes knows: write cpu, memory, ephemeral-storage, or the full name of a device, such as example.com/gpu" .at) | toYaml }}
{{- else if not (include "maintenance.isQuantity" .quantity) }}
{{- $unit := regexFind "[A-Za-z]" .quantity | upper }}
{{- $instead := ternary (printf "%s%si" $number $unit) "1Gi" (has $unit (list "K" "M" "G" "T" "P" "E")) }}
{{- list (printf "%s is %s, which is not a Kubernetes quantity: write %s" .at .quantity (ternary "250m or 2" $instead (eq .name "cpu"))) | toYaml }}
{{- else if and (eq .name "memory") (lt (include "maintenance.quantity" .quantity | float64) 1048576.0) }}
{{- list (printf "%s is %s, which is less than 1Mi: write %s" .at .quantity (ternary "128Mi or more" (printf "%sMi" $number) (eq (float64 $number) 0.0))) | toYaml }}
{{- end }}
{{- end }}

{{- /* "true" for a quantity of Kubernetes. Gb, MB and the like are none. */ -}}
{{- define "maintenance.isQuantity" -}}
{{- if regexMatch "^[0-9]*[.]?[0-9]+([eE][-+]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$" (toString .) }}true{{ end }}
{{- end }}

{{- /* A quantity as a number. */ -}}
{{- define "maintenance.quantity" -}}
{{- $number := regexFind "^[0-9.]+([eE][-+]?[0-9]+)?" (toString .) }}
{{- $factors := dict "" 1.0 "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 }}
{{- mulf (float64 $number) (get $factors (toString . | trimPrefix $number)) }}
{{- end }}
