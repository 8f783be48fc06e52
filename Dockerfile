# The one place that names the version of Node: Dependabot raises it here, and would not in an ARG.
FROM node:22.23-bookworm-slim AS base


FROM base AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No package of ours needs its install script: the native ones come built.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --prefer-offline --no-audit --no-fund
COPY tsconfig.json ./
COPY lib lib
COPY streams streams
COPY operators operators
# Without types, and without what follows the build: schemas, which no process reads.
RUN npm run build --ignore-scripts -- --declaration false
COPY .ci/prune .ci/prune
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund && .ci/prune node_modules
# The slim base has no roots of trust. Node does without, but the native part of rtc-node reads
# them from a file, and connects to no wss:// address where there is none.
RUN node --print "tls.rootCertificates.join('\n')" > ca-certificates.crt


FROM base
WORKDIR /app
COPY --from=build /build/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY package.json LICENSE ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt

# Nobody in particular, who owns nothing. Only the temporary folder needs to be writable.
USER 10001:10001
EXPOSE 8081
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + (process.env.MEDIA_BOT_HEALTH_PORT || 8081) + '/livez').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# As process 1 without an init: the worker handles its signals and awaits its hosts, which start
# nothing themselves. It gives them their V8 flags. `dist/lib/agent.js start` is the stock worker.
ENTRYPOINT ["node"]
CMD ["dist/lib/main.js"]

ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Media Bot" \
  org.opencontainers.image.description="Media worker for LiveKit call rooms: hold music, isolation and live transcription" \
  org.opencontainers.image.source="${SOURCE}" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
