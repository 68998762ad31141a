{{- /* The ports of a list of addresses: host:port, or URLs. */ -}}
{{- define "activity-connector.ports" -}}
{{- $ports := list -}}
{{- range .addresses -}}
{{- /* An address with a password in it is refused elsewhere, and without it. */ -}}
{{- if not (or (empty .) (contains "@" .) (regexMatch "^\\s*([A-Za-z_]+://)?(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?(/\\S*)?\\s*$" .)) }}{{ fail (printf "config: '%s' is no address. Brokers are HOST:PORT, separated by commas; nodes and registries https://HOST:PORT." .) }}{{ end -}}
{{- $url := contains "://" . | ternary . (printf "tcp://%s" (trim .)) | replace "_" "-" | urlParse -}}
{{- $default := get (dict "https" "443" "http" "80" "tcp" "9092") $url.scheme | default "9092" -}}
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

{{- /* Nothing where the list is empty: an empty `to` would be any address. */ -}}
{{- define "activity-connector.dns" -}}
{{- with .Values.networkPolicy.egress.dns }}
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
{{- end }}
{{- end }}

{{- /* What the pods of a role may reach. */ -}}
{{- define "activity-connector.egressRules" -}}
{{- $values := .root.Values -}}
{{- $egress := $values.networkPolicy.egress -}}
{{- $kafka := $values.config.Kafka | default dict -}}
{{- $elasticsearch := ($values.config.Elasticsearch | default dict).Urls | default list -}}
{{ include "activity-connector.dns" .root }}
{{- if and $egress.vendors (has .role (list "all" "collect")) }}
{{- $addresses := list "https://api.intercom.io" }}
{{- range $vendor, $sources := $values.config.Sources }}
{{- range kindIs "slice" $sources | ternary $sources (list $sources) }}
{{- with .BaseUrl }}{{ $addresses = append $addresses . }}{{ end }}
{{- end }}
{{- end }}
{{- include "activity-connector.egress" (dict "addresses" $addresses "peers" $egress.vendors) }}
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
