{{- /* What the schema cannot say, each with its remedy. */ -}}
{{- define "activity-connector.refuse" -}}
{{- $values := .Values -}}
{{- $config := $values.config -}}
{{- $elasticsearch := ($config.Elasticsearch | default dict).Urls -}}
{{- $name := include "activity-connector.fullname" . -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" $name) }}{{ fail (printf "The release's name makes a Service of the name %s, which a cluster refuses: begin with a letter, without dots, or set fullnameOverride." $name) }}{{ end -}}
{{- if not $values.image.repository }}{{ fail "image.repository is missing: give the registry and name under which the image is published." }}{{ end -}}
{{- if eq $values.image.tag "latest" }}{{ fail "image.tag: latest is another image tomorrow. Give a version or a digest." }}{{ end -}}
{{- if eq $values.journal "sqlite" -}}
{{- if gt (int $values.replicas) 1 }}{{ fail "replicas: with journal sqlite one pod owns the file. Set replicas to 1, or journal to kafka." }}{{ end -}}
{{- if $values.index.separate }}{{ fail "index.separate: with journal sqlite one pod owns the file. Set journal to kafka." }}{{ end -}}
{{- if and $values.setup.enabled (not $elasticsearch) }}{{ fail "setup.enabled: there is nothing to set up without Kafka and Elasticsearch." }}{{ end -}}
{{- else if not ($config.Kafka | default dict).BootstrapServers -}}
{{- fail "config.Kafka.BootstrapServers is missing: give the brokers as host:port, or set journal to sqlite." -}}
{{- end -}}
{{- if and $values.index.separate (not $elasticsearch) }}{{ fail "index.separate: there is nothing to send to. Give config.Elasticsearch.Urls." }}{{ end -}}
{{- if and $values.index.autoscaling.by (not $values.index.separate) }}{{ fail "index.autoscaling: set index.separate to true; pods that collect are not scaled." }}{{ end -}}
{{- if gt (int $values.index.autoscaling.minReplicas) (int $values.index.autoscaling.maxReplicas) }}{{ fail "index.autoscaling: minReplicas is above maxReplicas." }}{{ end -}}
{{- if and (eq $values.index.autoscaling.by "lag") (hasPrefix "sasl" (($config.Kafka.Security | default dict).Protocol | default "")) (not $values.index.autoscaling.authenticationRef) -}}
{{- fail "index.autoscaling.authenticationRef is missing: KEDA asks Kafka with credentials of its own, from a TriggerAuthentication." -}}
{{- end -}}
{{- range $option, $from := $values.files -}}
{{- if and $from.configMap (regexMatch "(AccessToken|:Token|ClientSecret|Password|ApiKey|:Key)File$" $option) -}}
{{- fail (printf "files: %s is a secret, and a ConfigMap is no place for one: give {secret: NAME, key: KEY}." $option) -}}
{{- end -}}
{{- end -}}
{{- $token := get $values.files "Admin:TokenFile" -}}
{{- if not (or $token ($config.Admin | default dict).TokenFile) -}}
{{- fail "files: Admin:TokenFile is missing: the page and its API can be reached in the cluster. Give {secret: NAME, key: KEY} of a Secret with a token (openssl rand -hex 32)." -}}
{{- end -}}
{{- if not (or $config.Sources (regexMatch "(^|,)Sources:" (keys $values.files | sortAlpha | join ","))) -}}
{{- fail "There is no source. Give files: Sources:Intercom:AccessTokenFile: {secret: NAME, key: KEY}, or Sources:Sequence:ClientIdFile and ClientSecretFile." -}}
{{- end -}}
{{- if and $values.serviceMonitor.enabled (not ($token | default dict).secret) -}}
{{- fail "serviceMonitor.enabled: Prometheus needs the token from a Secret. Give files: Admin:TokenFile: {secret: NAME, key: KEY}." -}}
{{- end -}}
{{- range $section, $owned := dict "Journal" (dict "Kind" "journal" "Path" "persistence") "Kafka" (dict "HighAvailability" "replicas") "Admin" (dict "Enabled" "" "Url" "") -}}
{{- range $name, $instead := $owned -}}
{{- if hasKey (get $config $section | default dict) $name -}}
{{- fail (printf "config.%s.%s is decided by the chart%s. Take it out." $section $name (empty $instead | ternary "" (printf ", by the value %s" $instead))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $values.extraEnv -}}
{{- if has .name (list "DOTNET_EnableDiagnostics" "OTEL_EXPORTER_OTLP_ENDPOINT" "OTEL_METRICS_EXPORTER" "OTEL_RESOURCE_ATTRIBUTES" "POD_NAME" "POD_NAMESPACE") -}}
{{- fail (printf "extraEnv: the chart sets %s itself (otel.endpoint, serviceMonitor.enabled). Take it out." .name) -}}
{{- end -}}
{{- if regexMatch "://.*@|(?i)^(Bearer|Basic|ApiKey) |=(Bearer|Basic|ApiKey)( |%20)" (.value | default "" | toString) }}{{ fail (printf "extraEnv: %s has a credential in its value. Give it as valueFrom: {secretKeyRef: {name: NAME, key: KEY}}." .name) }}{{ end -}}
{{- if regexMatch "(?i)__|^ACTIVITY_CONNECTOR_" .name }}{{ fail (printf "extraEnv: %s is an option of the product. Put it into config, or a secret into files." .name) }}{{ end -}}
{{- end -}}
{{- include "activity-connector.refuseSecrets" (dict "path" "config" "value" $config) -}}
{{- end }}

{{- /* A secret in values would be readable in the ConfigMap, in the release and in the history of both. */ -}}
{{- define "activity-connector.refuseSecrets" -}}
{{- $path := .path -}}
{{- if kindIs "map" .value -}}
{{- range $name, $value := .value -}}
{{- include "activity-connector.refuseSecrets" (dict "path" (printf "%s.%s" $path $name) "name" $name "value" $value) -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range $number, $value := .value -}}
{{- include "activity-connector.refuseSecrets" (dict "path" (printf "%s[%d]" $path $number) "name" "" "value" $value) -}}
{{- end -}}
{{- else if and (kindIs "string" .value) .value -}}
{{- if has .name (list "AccessToken" "ApiKey" "ClientSecret" "KeyPassword" "Password" "Token") -}}
{{- fail (printf "%s is a secret. Put it into a Secret, and name that in files: %sFile: {secret: NAME, key: KEY}." $path ($path | trimPrefix "config." | replace "." ":" | replace "[" ":" | replace "]" "")) -}}
{{- end -}}
{{- if and (hasPrefix "config.Kafka.Properties." $path) (regexMatch "(?i)pass|secret|jaas|credential|assertion|token$|user[.]info|extensions|[.]key|[.]pem|[.]config" .name) (not (regexMatch "(?i)[.](url|location|file|algorithm)$" .name)) -}}
{{- fail (printf "%s may be a secret. Use the File options of Kafka:Security, and name a Secret in files." $path) -}}
{{- end -}}
{{- if regexMatch "://.*@" .value -}}
{{- fail (printf "%s has a user or a password in its address. Use the options for them, and files for the password." $path) -}}
{{- end -}}
{{- end -}}
{{- end }}
