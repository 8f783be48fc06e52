{{/* Values that contradict each other: each is refused in words. */}}
{{- define "media-bot.checks" -}}
{{- $values := .Values -}}
{{- $settings := .Values.settings -}}
{{- $limits := (.Values.resources | default dict).limits | default dict -}}
{{- $requests := (.Values.resources | default dict).requests | default dict -}}

{{- range $name := list "LIVEKIT_API_KEY" "LIVEKIT_API_SECRET" "GROQ_API_KEY" "DEEPGRAM_API_KEY" "ELEVENLABS_API_KEY" -}}
{{- if hasKey $settings $name -}}
{{- fail (printf "settings.%s: a secret would be readable in the Deployment; put it into the secret %s" $name $values.secretName) -}}
{{- end -}}
{{- end -}}

{{- if hasKey $settings "MEDIA_BOT_HEALTH_PORT" -}}
{{- fail "settings.MEDIA_BOT_HEALTH_PORT: set healthPort, which the probes use as well" -}}
{{- end -}}
{{- if hasKey $settings "MEDIA_BOT_PROMETHEUS_PORT" -}}
{{- fail "settings.MEDIA_BOT_PROMETHEUS_PORT: set metrics.port, which the PodMonitor uses as well" -}}
{{- end -}}
{{- if hasKey $settings "MEDIA_BOT_WEBHOOK_PORT" -}}
{{- fail "settings.MEDIA_BOT_WEBHOOK_PORT: set webhook.port, which the Service uses as well" -}}
{{- end -}}
{{- $ports := dict -}}
{{- range $name, $port := dict "healthPort" $values.healthPort "metrics.port" $values.metrics.port "webhook.port" $values.webhook.port -}}
{{- with include "media-bot.text" $port -}}
{{- if hasKey $ports . -}}
{{- fail (printf "%s and %s are the same port: only one of them can listen there" (get $ports .) $name) -}}
{{- end -}}
{{- $_ := set $ports . $name -}}
{{- end -}}
{{- end -}}
{{- if and $values.podMonitor.enabled (not $values.metrics.port) -}}
{{- fail "podMonitor.enabled needs metrics.port: without it the worker serves no metrics" -}}
{{- end -}}
{{- if and $values.prometheusRule.enabled (not $values.metrics.port) -}}
{{- fail "prometheusRule.enabled needs metrics.port: without it the worker serves no metrics" -}}
{{- end -}}

{{- $grace := include "media-bot.gracePeriod" . | int64 -}}
{{- $least := include "media-bot.leastGracePeriod" . | int64 -}}
{{- if lt $grace $least -}}
{{- fail (printf "terminationGracePeriodSeconds is %d: Kubernetes would kill the worker while it drains; MEDIA_BOT_DRAIN_SECONDS needs %d, or null to have it reckoned" $grace $least) -}}
{{- end -}}

{{- $autoscaling := $values.autoscaling -}}
{{- $replicas := ternary $autoscaling.minReplicas $values.replicas $autoscaling.enabled | int64 -}}
{{- $budget := $values.podDisruptionBudget -}}
{{- if and $budget.enabled (ge (int64 $budget.minAvailable) $replicas) -}}
{{- fail (printf "podDisruptionBudget.minAvailable is %d of %d pods: no node could ever be emptied; have more pods, or disable the budget" (int64 $budget.minAvailable) $replicas) -}}
{{- end -}}

{{- if $autoscaling.enabled -}}
{{- if gt (int64 $autoscaling.minReplicas) (int64 $autoscaling.maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas %d is over autoscaling.maxReplicas %d" (int64 $autoscaling.minReplicas) (int64 $autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if not $limits.cpu -}}
{{- fail "autoscaling.enabled needs resources.limits.cpu: autoscaling.targetLoad is a share of it" -}}
{{- end -}}
{{- if ge (float64 $autoscaling.targetLoad) (float64 $settings.MEDIA_BOT_LOAD_THRESHOLD) -}}
{{- fail (printf "autoscaling.targetLoad %v is not below MEDIA_BOT_LOAD_THRESHOLD %v: calls would be turned away before pods are added" $autoscaling.targetLoad $settings.MEDIA_BOT_LOAD_THRESHOLD) -}}
{{- end -}}
{{- end -}}

{{- if and $limits.cpu $requests.cpu (gt (include "media-bot.millicores" $requests.cpu | int64) (include "media-bot.millicores" $limits.cpu | int64)) -}}
{{- fail (printf "resources.requests.cpu %v is over resources.limits.cpu %v" $requests.cpu $limits.cpu) -}}
{{- end -}}
{{- if and $limits.memory $requests.memory (gt (include "media-bot.mebibytes" $requests.memory | int64) (include "media-bot.mebibytes" $limits.memory | int64)) -}}
{{- fail (printf "resources.requests.memory %s is over resources.limits.memory %s" $requests.memory $limits.memory) -}}
{{- end -}}
{{- with $limits.memory -}}
{{- $limit := include "media-bot.mebibytes" . | int64 -}}
{{- $needed := include "media-bot.leastMemory" $ | int64 -}}
{{- if lt $limit $needed -}}
{{- fail (printf "resources.limits.memory is %s: MEDIA_BOT_NUM_IDLE_PROCESSES %s and MEDIA_BOT_ASSET_CACHE_MB %s need %dMi before the first call" . (include "media-bot.hosts" $) (include "media-bot.text" $settings.MEDIA_BOT_ASSET_CACHE_MB) $needed) -}}
{{- end -}}
{{- end -}}
{{- end }}
