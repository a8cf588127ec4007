# The speech server: docker build -f packaging/docker/serve.Dockerfile -t audio-report-serve .
FROM rust:1.94-alpine AS build
# A compiler of C for SQLite and ring. Alpine links statically: the program needs no library of the system.
RUN apk add --no-cache build-base
WORKDIR /source
COPY . .
RUN cargo build --release --locked --no-default-features --features "runtime serve"

FROM alpine:3
COPY --from=build /source/target/release/audio-report /usr/local/bin/
RUN adduser -D -H -u 10001 speaker && install -d -o speaker -m 700 /data
USER speaker
# The voice is fetched at the first start, and kept here with the sound.
ENV AUDIO_REPORT_HOME=/data
VOLUME /data
EXPOSE 8880
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --start-period=15m CMD wget -q -O /dev/null http://127.0.0.1:8880/readyz
ENTRYPOINT ["audio-report"]
CMD ["serve", "--listen", "0.0.0.0:8880", "--token-file", "/run/secrets/tokens"]
