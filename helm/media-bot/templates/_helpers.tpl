{{/* Labels by which a component's pods are known: of a list of the root and the component. */}}
{{- define "media-bot.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "media-bot.labels" -}}
{{ include "media-bot.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ (index . 0).Chart.Name }}-{{ (index . 0).Chart.Version }}
{{- end }}

{{- define "media-bot.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What is alike in the pods of the worker and of the test. */}}
{{- define "media-bot.podSpec" -}}
serviceAccountName: {{ .Values.name }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What is alike in the containers of the worker and of the test. */}}
{{- define "media-bot.container" -}}
image: {{ include "media-bot.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
  readOnlyRootFilesystem: true
envFrom:
  - secretRef:
      name: {{ .Values.secretName }}
  - configMapRef:
      name: {{ .Values.configMapName }}
env:
  # Set even where it is empty, which counts as unset: the config map is not to decide on ports.
  - name: MEDIA_BOT_HEALTH_PORT
    value: {{ include "media-bot.text" .Values.healthPort | quote }}
  - name: MEDIA_BOT_PROMETHEUS_PORT
    value: {{ include "media-bot.text" .Values.metrics.port | quote }}
  - name: MEDIA_BOT_WEBHOOK_PORT
    value: {{ include "media-bot.text" .Values.webhook.port | quote }}
  {{- range $name, $value := .Values.settings }}
  - name: {{ $name }}
    value: {{ include "media-bot.text" $value | quote }}
  {{- end }}
{{- end }}

{{/* A value as a setting has it: Helm reads whole numbers as floating ones, 33554432 as 3.3554432e+07. */}}
{{- define "media-bot.text" -}}
{{- if kindIs "invalid" . -}}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ int64 . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end }}

{{- define "media-bot.drainSeconds" -}}
{{ include "media-bot.text" .Values.settings.MEDIA_BOT_DRAIN_SECONDS }}
{{- end }}

{{/* The worker needs 10 s to release its calls, and some to say so. */}}
{{- define "media-bot.leastGracePeriod" -}}
{{ add (include "media-bot.drainSeconds" . | int64) 15 }}
{{- end }}

{{- define "media-bot.gracePeriod" -}}
{{ .Values.terminationGracePeriodSeconds | default (include "media-bot.leastGracePeriod" .) | int64 }}
{{- end }}

{{- define "media-bot.hosts" -}}
{{ include "media-bot.text" .Values.settings.MEDIA_BOT_NUM_IDLE_PROCESSES }}
{{- end }}

{{/* Compressed assets take up to 256 MiB per call host (lib/assets/hostClips.ts). */}}
{{- define "media-bot.tmpSize" -}}
{{ add (mul (include "media-bot.hosts" . | int64) 256) 64 }}Mi
{{- end }}

{{/* MiB of a quantity in Mi or Gi. */}}
{{- define "media-bot.mebibytes" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{ ternary (mul $number 1024) $number (hasSuffix "Gi" .) }}
{{- end }}

{{/*
MiB that the worker and its hosts take when all hosts transcribe, before their calls (3.3 MiB each):
40 for the worker, 115 for a host (docs/operations.md, "Sizing"), and its decoded assets; and 64 that
are left for the successor of a host that retires (lib/memory.ts).
*/}}
{{- define "media-bot.leastMemory" -}}
{{- $cache := include "media-bot.text" .Values.settings.MEDIA_BOT_ASSET_CACHE_MB | int64 -}}
{{ add 40 64 (mul (include "media-bot.hosts" . | int64) (add 115 $cache)) }}
{{- end }}

{{/* Thousandths of a core of a quantity such as 2, 0.5 or 500m. */}}
{{- define "media-bot.millicores" -}}
{{- $text := include "media-bot.text" . -}}
{{- if hasSuffix "m" $text -}}
{{ trimSuffix "m" $text }}
{{- else -}}
{{ mulf (float64 $text) 1000 | int64 }}
{{- end -}}
{{- end }}
