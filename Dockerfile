# Both programs, built in one image and carried into another that holds nothing else.
#   docker build -t purser .
# Pin both images by digest, as a build that is to be repeated does:
#   docker build --build-arg BUILD_IMAGE=swift@sha256:… --build-arg RUN_IMAGE=debian@sha256:… -t purser .
ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUN_IMAGE=debian:bookworm-slim

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
# link-flags.sh prints several words, which are to be several.
# hadolint ignore=SC2086
RUN set -eu; \
    flags=$(scripts/link-flags.sh); \
    mkdir /out; \
    for program in purser purser-registry; do \
        swift build -c release --static-swift-stdlib ${flags} --product "${program}"; \
        strip -s -o "/out/${program}" ".build/release/${program}"; \
    done

FROM ${RUN_IMAGE} AS run
LABEL org.opencontainers.image.title="purser" \
    org.opencontainers.image.description="The Purser agent and its registry" \
    org.opencontainers.image.licenses="Apache-2.0"
# The versions of these libraries are those of the image's release: security updates are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libarchive13 libcurl4 libjansson4 libsqlite3-0 zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*.log /var/log/apt /usr/share/doc/* /usr/share/man/* \
    && useradd --system --uid 10001 --user-group --no-log-init --no-create-home --home-dir /var/lib/purser purser \
    && install -d -o purser -g purser -m 0750 /var/lib/purser
COPY --from=build /out/purser /out/purser-registry /usr/local/bin/
USER 10001
WORKDIR /var/lib/purser
VOLUME /var/lib/purser
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && IFS= read -r line <&3 && [[ $line == *' 200 '* ]]"]
CMD ["purser-registry", "serve", "--data", "/var/lib/purser/registry", "--listen", "0.0.0.0:8080"]
