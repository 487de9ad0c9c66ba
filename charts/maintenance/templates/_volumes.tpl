{{- /* What is wrong with jobs.volumes, as a list in YAML. */ -}}
{{- define "maintenance.volumeProblems" -}}
{{- $problems := list }}
{{- $before := list }}
{{- range $volume := .Values.jobs.volumes }}
{{- range $other := $before }}
{{- if eq $other.mountPath $volume.mountPath }}
{{- $problems = append $problems (printf "jobs.volumes mounts two volumes at %s, and Kubernetes would refuse every run: give each a mountPath of its own" $volume.mountPath) }}
{{- end }}
{{- with include "maintenance.sharedFolder" (list $other $volume) }}
{{- $problems = append $problems (printf "jobs.volumes has the same folder twice (claimName %s%s), at %s with use %s and at %s with use %s: remove one of the two, or give each a subPath so that neither folder lies in the other" $volume.claimName (ternary "" (printf ", subPath %s" .) (eq . ".")) $other.mountPath $other.use $volume.mountPath $volume.use) }}
{{- end }}
{{- end }}
{{- $before = append $before $volume }}
{{- end }}
{{- range $use := list "Logs" "Index" }}
{{- $claims := list }}
{{- range $before }}{{ if eq .use $use }}{{ $claims = append $claims .claimName }}{{ end }}{{ end }}
{{- if gt (len $claims) 1 }}
{{- $problems = append $problems (printf "jobs.volumes has %d volumes with use %s (%s), and a run works on one: keep one, and name the others in spec.volumes of schedules of their own" (len $claims) $use (join ", " $claims)) }}
{{- end }}
{{- end }}
{{- toYaml $problems }}
{{- end }}

{{- /* The folder of a claim that two volumes must not share, relative to the claim; empty: there is none. See pkg/cronjob/overlap.go. */ -}}
{{- define "maintenance.sharedFolder" -}}
{{- $inner := first . }}{{ $outer := last . }}
{{- if lt (len (clean (printf "/%v" ($inner.subPath | default "")))) (len (clean (printf "/%v" ($outer.subPath | default "")))) }}{{ $inner = last . }}{{ $outer = first . }}{{ end }}
{{- $folder := clean (printf "/%v" ($inner.subPath | default "")) }}
{{- $above := clean (printf "/%v" ($outer.subPath | default "")) }}
{{- $uses := list $inner.use $outer.use }}
{{- $cleaned := and (has "Library" $uses) (or (has "Cache" $uses) (has "Logs" $uses)) }}
{{- $exclusive := or (eq $folder $above) (eq $inner.use $outer.use) (eq $outer.use "Cache") $cleaned }}
{{- if and (eq $inner.claimName $outer.claimName) $exclusive (hasPrefix (printf "%s/" (trimSuffix "/" $above)) (printf "%s/" (trimSuffix "/" $folder))) }}
{{- trimPrefix "/" $folder | default "." }}
{{- end }}
{{- end }}
