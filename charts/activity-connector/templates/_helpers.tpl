{{- define "activity-connector.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Room for the longest suffix: of a StatefulSet's revision, which is a label ("-" and ten characters). */ -}}
{{- define "activity-connector.fullname" -}}
{{- $name := include "activity-connector.name" . -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- /* What selects a workload's pods. It can never be changed: neither version nor anything of the values but the names is in it. */ -}}
{{- define "activity-connector.selector" -}}
app.kubernetes.io/name: {{ include "activity-connector.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "activity-connector.labels" -}}
{{ include "activity-connector.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: activity-connector
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "activity-connector.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "activity-connector.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "activity-connector.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- /*
The workloads as a list. The first one is the only one unless index.separate; its name stays when the other one comes and goes, so that its Service and
its volume do.
*/ -}}
{{- define "activity-connector.workloads" -}}
{{- $name := include "activity-connector.fullname" . -}}
- name: {{ $name }}
  component: collect
  role: {{ .Values.index.separate | ternary "collect" "all" }}
  replicas: {{ .Values.replicas }}
  most: {{ .Values.replicas }}
  autoscaled: false
  resources: {{ .Values.resources | toJson }}
{{- if .Values.index.separate }}
- name: {{ $name }}-index
  component: index
  role: index
  replicas: {{ .Values.index.replicas }}
  most: {{ empty .Values.index.autoscaling.by | ternary .Values.index.replicas .Values.index.autoscaling.maxReplicas }}
  autoscaled: {{ not (empty .Values.index.autoscaling.by) }}
  resources: {{ .Values.index.resources | toJson }}
{{- end }}
{{- end }}
