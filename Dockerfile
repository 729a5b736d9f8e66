# netsync in one small image: the program, Git, and certificates.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=""
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X netsync/cmd/internal/cli.version=${VERSION}" -o /netsync ./cmd/netsync

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl git openssh-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home netsync \
 && install -d -o netsync -g netsync /data /backups
COPY --from=build /netsync /usr/local/bin/netsync
USER netsync
WORKDIR /data
ENV NETSYNC_DATA_DIR=/data NETSYNC_HTTP_LISTEN=0.0.0.0:8080 NETSYNC_NATS_LISTEN=127.0.0.1:4222
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["curl", "-fsS", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["netsync"]
CMD ["run"]
