#!/usr/bin/env bash
# For any CI system with a shell: build-with-purser.sh COMMAND…
# Reads PURSER_REGISTRY, PURSER_TOKEN and PURSER_SIGNING_KEY when the system sets them; purser.yml says the rest.
set -euo pipefail
if ! command -v purser >/dev/null; then
    echo "build-with-purser: purser is not on PATH" >&2
    exit 2
fi
push=()
if [ -n "${PURSER_REGISTRY:-}" ] && [ -n "${PURSER_TOKEN:-}${PURSER_TOKEN_FILE:-}" ]; then push=(--push); fi
exec purser run "${push[@]}" -- "$@"
