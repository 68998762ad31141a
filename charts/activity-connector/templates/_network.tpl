{{- /* The ports of a list of addresses: host:port, or URLs. */ -}}
{{- define "activity-connector.ports" -}}
{{- $ports := list -}}
{{- range .addresses -}}
{{- $url := contains "://" . | ternary . (printf "tcp://%s" (trim .)) | urlParse -}}
{{- $default := get (dict "https" "443" "http" "80" "tcp" "9092") $url.scheme -}}
{{- $ports = append $ports (regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default $default) -}}
{{- end -}}
{{- range $number, $port := $ports | uniq -}}
{{- if $number }}{{ print "\n" }}{{ end -}}
- protocol: TCP
  port: {{ $port }}
{{- end -}}
{{- end }}

{{- /* One rule of egress to peers (none given: any address) at ports. */ -}}
{{- define "activity-connector.egress" -}}
{{- with .peers }}
- to:
    {{- toYaml . | nindent 4 }}
  ports:
{{- else }}
- ports:
{{- end }}
    {{- include "activity-connector.ports" . | nindent 4 }}
{{- end }}

{{- define "activity-connector.dns" -}}
- to:
    {{- toYaml .Values.networkPolicy.egress.dns | nindent 4 }}
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
{{- end }}

{{- /* What the pods of a role may reach. */ -}}
{{- define "activity-connector.egressRules" -}}
{{- $values := .root.Values -}}
{{- $egress := $values.networkPolicy.egress -}}
{{- $kafka := $values.config.Kafka | default dict -}}
{{- $elasticsearch := ($values.config.Elasticsearch | default dict).Urls | default list -}}
{{ include "activity-connector.dns" .root }}
{{- if has .role (list "all" "collect") }}
- to:
    {{- toYaml $egress.vendors | nindent 4 }}
  ports:
    - protocol: TCP
      port: 443
{{- end }}
{{- if eq $values.journal "kafka" }}
{{- $addresses := splitList "," ($kafka.BootstrapServers | default "") }}
{{- with ($kafka.SchemaRegistry | default dict).Url }}{{ $addresses = append $addresses . }}{{ end }}
{{- include "activity-connector.egress" (dict "addresses" $addresses "peers" $egress.kafka) }}
{{- end }}
{{- if and $elasticsearch (ne .role "collect") }}
{{- include "activity-connector.egress" (dict "addresses" $elasticsearch "peers" $egress.elasticsearch) }}
{{- end }}
{{- with $values.otel.endpoint }}
{{- include "activity-connector.egress" (dict "addresses" (list .) "peers" $egress.otel) }}
{{- end }}
{{- with $egress.extra }}
{{ toYaml . }}
{{- end }}
{{- end }}
