# A worker of a cluster, and all else of it: docker build -f packaging/docker/worker.Dockerfile -t audio-report-worker .
FROM rust:1.94-alpine AS build
# A compiler of C for SQLite and ring. Alpine links statically: the program needs no library of the system.
RUN apk add --no-cache build-base
WORKDIR /source
COPY . .
RUN cargo build --release --locked --no-default-features --features "runtime cluster"

FROM alpine:3
# For the endpoints of S3.
RUN apk add --no-cache ca-certificates
COPY --from=build /source/target/release/audio-report /usr/local/bin/
RUN adduser -D -H -u 10001 worker && install -d -o worker -m 700 /data
USER worker
# The voice is fetched at the first job, and kept here with the sound.
ENV AUDIO_REPORT_HOME=/data
VOLUME /data
EXPOSE 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["audio-report"]
CMD ["worker", "--help"]
