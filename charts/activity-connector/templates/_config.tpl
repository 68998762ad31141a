{{- /*
The configuration of one role, as JSON: values.config, over it what the chart decides, over it the paths of mounted files. A role gets the sections that it
reads and no other, so that a pod needs no secret that is not its own. Roles: those of the command run, `check` (as all) and `setup`.
*/ -}}
{{- define "activity-connector.config" -}}
{{- $values := .root.Values -}}
{{- $config := deepCopy $values.config -}}
{{- if eq .role "collect" }}{{ $config = omit $config "Elasticsearch" }}{{ end -}}
{{- if eq .role "setup" }}{{ $config = pick $config "Journal" "Kafka" "Elasticsearch" }}{{ end -}}
{{- if eq .role "index" -}}
{{- $config = omit $config "Sources" -}}
{{- /* What maps records to events is not read either. */ -}}
{{- with $config.Transform }}{{ $_ := set $config "Transform" (omit . "MappingsFolder" "Privacy" "Severity") }}{{ end -}}
{{- end -}}
{{- $chosen := dict "Journal" (dict "Kind" "Sqlite" "Path" "/data/journal.db") -}}
{{- if eq $values.journal "kafka" -}}
{{- $chosen = dict "Journal" (dict "Kind" "Kafka") "Kafka" (dict "HighAvailability" (gt (int $values.replicas) 1)) -}}
{{- end -}}
{{- if ne .role "setup" -}}
{{- /* At every address of the pod, because the kubelet's probes come from outside of it. */ -}}
{{- $_ := set $chosen "Admin" (dict "Enabled" true "Url" "http://*:8080") -}}
{{- end -}}
{{- if and $values.setup.enabled (ne .role "setup") -}}
{{- if eq $values.journal "kafka" }}{{ $_ := set $chosen.Kafka "CreateTopics" false }}{{ end -}}
{{- if and $config.Elasticsearch (ne .role "collect") }}{{ $_ := set $chosen "Elasticsearch" (dict "Setup" false) }}{{ end -}}
{{- end -}}
{{- $config = mergeOverwrite $config $chosen -}}
{{- range $option, $_ := include "activity-connector.files" . | fromYaml -}}
{{- $path := splitList ":" $option -}}
{{- $at := $config -}}
{{- range initial $path -}}
{{- if kindIs "slice" $at -}}
{{- if ge (int .) (len $at) }}{{ fail (printf "files: %s names an account that config does not have." $option) }}{{ end -}}
{{- $at = index $at (int .) -}}
{{- else -}}
{{- if not (hasKey $at .) }}{{ $_ := set $at . dict }}{{ end -}}
{{- $at = index $at . -}}
{{- end -}}
{{- end -}}
{{- if not (kindIs "map" $at) }}{{ fail (printf "files: %s: config has several accounts there; say which, for example Sources:Intercom:0:AccessTokenFile." $option) }}{{ end -}}
{{- $_ := unset $at (last $path | trimSuffix "File") -}}
{{- $_ := set $at (last $path) (printf "/run/activity-connector/%s" (hasSuffix "Folder" $option | ternary $option (printf "files/%s" $option) | replace ":" ".")) -}}
{{- end -}}
{{ toRawJson $config | fromJson | toPrettyJson }}
{{- end }}

{{- /* The files of one role, as YAML: an option and the object that its file comes from. */ -}}
{{- define "activity-connector.files" -}}
{{- $role := .role -}}
{{- $files := dict -}}
{{- $given := deepCopy .root.Values.files -}}
{{- /* Whole, one by one: a ConfigMap takes the place of a Secret, and is not mixed with it. */ -}}
{{- /* An API key takes the place of a user and a password, and they that of a key: the product refuses both at once. */ -}}
{{- if eq $role "setup" -}}
{{- $own := keys .root.Values.setup.files -}}
{{- if has "Elasticsearch:ApiKeyFile" $own }}{{ $given = omit $given "Elasticsearch:UsernameFile" "Elasticsearch:PasswordFile" }}{{ end -}}
{{- if or (has "Elasticsearch:UsernameFile" $own) (has "Elasticsearch:PasswordFile" $own) }}{{ $given = omit $given "Elasticsearch:ApiKeyFile" }}{{ end -}}
{{- end -}}
{{- if eq $role "setup" }}{{ range $option, $from := .root.Values.setup.files }}{{ $_ := set $given $option $from }}{{ end }}{{ end -}}
{{- range $option, $from := $given -}}
{{- $section := splitList ":" $option | first -}}
{{- $unread := dict "collect" (list "Elasticsearch") "index" (list "Sources" "Transform") "setup" (list "Sources" "Transform" "Admin") -}}
{{- if not (has $section (get $unread $role | default list)) }}{{ $_ := set $files $option $from }}{{ end -}}
{{- end -}}
{{ toYaml $files }}
{{- end }}
