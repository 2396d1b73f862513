# Both programs, built in one image and carried into another.
#   docker build -t purser .
# Pin the images by digest: --build-arg BUILD_IMAGE=swift@sha256:… --build-arg RUN_IMAGE=debian@sha256:…
ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUN_IMAGE=debian:12-slim

FROM ${BUILD_IMAGE} AS build
# Where packages are fetched from is git's business; these lead it elsewhere, and are empty by default.
ARG GIT_CONFIG_COUNT=
ARG GIT_CONFIG_KEY_0=
ARG GIT_CONFIG_VALUE_0=
WORKDIR /source
COPY scripts/packages.sh scripts/link-flags.sh scripts/
RUN scripts/packages.sh build && rm -rf /var/lib/apt/lists/*
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib $(scripts/link-flags.sh) --product purser \
    && swift build -c release --static-swift-stdlib $(scripts/link-flags.sh) --product purser-registry \
    && mkdir /out \
    && strip -s -o /out/purser .build/release/purser \
    && strip -s -o /out/purser-registry .build/release/purser-registry

FROM ${RUN_IMAGE} AS run
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libarchive13 libcurl4 libjansson4 libsqlite3-0 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/purser purser
COPY --from=build /out/purser /out/purser-registry /usr/local/bin/
USER purser
WORKDIR /var/lib/purser
VOLUME /var/lib/purser
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
CMD ["purser-registry", "serve", "--data", "/var/lib/purser/registry", "--listen", "0.0.0.0:8080"]
