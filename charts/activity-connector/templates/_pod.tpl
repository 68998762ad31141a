{{- /* What the containers of all pods have in common. */ -}}
{{- define "activity-connector.container" -}}
image: {{ include "activity-connector.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  # Nothing is written but the journal of SQLite: no /tmp is needed.
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
env:
  {{- if .key }}
  - name: ACTIVITY_CONNECTOR_CONFIG
    value: /etc/activity-connector/connector.json
  {{- end }}
  # .NET would make a socket for debuggers in /tmp.
  - name: DOTNET_EnableDiagnostics
    value: "0"
  {{- with .root.Values.otel.endpoint }}
  - name: OTEL_EXPORTER_OTLP_ENDPOINT
    value: {{ . | quote }}
  {{- if $.root.Values.serviceMonitor.enabled }}
  # Prometheus has them from /metrics. From two places, an alert would count each source twice.
  - name: OTEL_METRICS_EXPORTER
    value: none
  {{- end }}
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  - name: POD_NAMESPACE
    valueFrom:
      fieldRef:
        fieldPath: metadata.namespace
  - name: OTEL_RESOURCE_ATTRIBUTES
    value: k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME)
  {{- end }}
  {{- with .root.Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if .key }}
volumeMounts:
  - name: config
    mountPath: /etc/activity-connector
    readOnly: true
  {{- $files := include "activity-connector.files" . | fromYaml }}
  {{- if include "activity-connector.projected" $files }}
  # Without subPath, which would keep a rotated secret out.
  - name: files
    mountPath: /run/activity-connector/files
    readOnly: true
  {{- end }}
  {{- range $option, $_ := $files }}
  {{- if hasSuffix "Folder" $option }}
  - name: {{ include "activity-connector.folder" $option }}
    mountPath: /run/activity-connector/{{ $option | replace ":" "." }}
    readOnly: true
  {{- end }}
  {{- end }}
  {{- with .root.Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* What the specs of all pods have in common, but for the containers. The configuration is the key .key of .configMap; without .key the pod needs none. */ -}}
{{- define "activity-connector.pod" -}}
automountServiceAccountToken: false
# The variables that describe the services of the namespace are of no use here.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- with .root.Values.securityContext }}
  {{- if not (kindIs "invalid" .runAsUser) }}
  runAsUser: {{ .runAsUser | int64 }}
  {{- end }}
  {{- if not (kindIs "invalid" .runAsGroup) }}
  runAsGroup: {{ .runAsGroup | int64 }}
  {{- end }}
  {{- if not (kindIs "invalid" .fsGroup) }}
  fsGroup: {{ .fsGroup | int64 }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .key }}
volumes:
  - name: config
    configMap:
      name: {{ .configMap }}
      items:
        - key: {{ .key }}
          path: connector.json
  {{- $files := include "activity-connector.files" . | fromYaml }}
  {{- if include "activity-connector.projected" $files }}
  - name: files
    projected:
      # For the group, which is fsGroup.
      defaultMode: 0440
      sources:
        {{- range $option, $from := $files }}
        {{- if $from.key }}
        - {{ empty $from.secret | ternary "configMap" "secret" }}:
            name: {{ $from.secret | default $from.configMap | quote }}
            items:
              - key: {{ $from.key | quote }}
                path: {{ $option | replace ":" "." }}
        {{- end }}
        {{- end }}
  {{- end }}
  {{- range $option, $from := $files }}
  {{- if hasSuffix "Folder" $option }}
  - name: {{ include "activity-connector.folder" $option }}
    configMap:
      name: {{ $from.configMap | quote }}
  {{- end }}
  {{- end }}
  {{- with .root.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* Not empty where one of the files is a single one. */ -}}
{{- define "activity-connector.projected" -}}
{{- range $option, $from := . }}{{ if $from.key }}yes{{ end }}{{ end -}}
{{- end }}

{{- /* The name of a folder's volume. */ -}}
{{- define "activity-connector.folder" -}}
{{ . | replace ":" "-" | lower }}
{{- end }}

{{- /* The pod of a workload: the same in a Deployment and a StatefulSet. */ -}}
{{- define "activity-connector.template" -}}
{{- $values := .root.Values -}}
{{- $workload := .workload -}}
{{- $parts := dict "root" .root "role" $workload.role "configMap" (include "activity-connector.fullname" .root) "key" (printf "%s.json" $workload.role) -}}
metadata:
  labels:
    {{- include "activity-connector.labels" (dict "root" .root "component" $workload.component) | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # Options are read at the start: a change replaces the pods. Secrets are read again while it runs: they have no part in this.
    checksum/config: {{ include "activity-connector.config" $parts | sha256sum }}
    kubectl.kubernetes.io/default-container: connector
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "activity-connector.pod" $parts | nindent 2 }}
  serviceAccountName: {{ include "activity-connector.serviceAccountName" .root }}
  # A stop commits or drops the batch in flight, within 8 s, then lets go of the journal and sends its last telemetry. It takes longer only where the brokers
  # do not answer.
  terminationGracePeriodSeconds: 60
  {{- if gt (int $workload.most) 1 }}
  {{- with $values.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - topologyKey: {{ .topologyKey }}
      maxSkew: {{ .maxSkew }}
      whenUnsatisfiable: {{ .whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "activity-connector.selector" (dict "root" $.root "component" $workload.component) | nindent 10 }}
      # Only pods of the same rollout count.
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
  {{- end }}
  containers:
    - name: connector
      args: [run, --role, {{ $workload.role }}, --log-format, {{ $values.log.format }}, --log-level, {{ $values.log.level }}]
      {{- $container := include "activity-connector.container" $parts }}
      {{- if eq $values.journal "sqlite" }}
      {{- $container = printf "%s\n  - name: data\n    mountPath: /data" $container }}
      {{- end }}
      {{- $container | nindent 6 }}
      ports:
        - name: http
          containerPort: 8080
      resources:
        {{- toYaml $workload.resources | nindent 8 }}
      # Once the journal is open, which takes as long as reading the ids of a week from Kafka.
      startupProbe:
        httpGet:
          path: /startupz
          port: http
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 60
      # The process answers. An outage of a vendor, of Kafka or of Elasticsearch does not end it: a restart would not help.
      livenessProbe:
        httpGet:
          path: /livez
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      # Every source and sink does its work. It decides on rollouts and is shown by kubectl; no request depends on it.
      readinessProbe:
        httpGet:
          path: /readyz
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
{{- end }}
