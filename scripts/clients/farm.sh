#!/usr/bin/env bash
# farm.sh [PURSER [CLIENT...]]: real clients on real package data, through the agent, under the registries' own names.
# Wants the package farm's scripts (FARM, default ../shared/farm), its trees (FARM_DIR) and root for a mount namespace.
# What is missing is left out by name; nothing of that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."

purser=$(realpath "${1:-.build/release/purser}")
clients=("${@:2}")
[ ${#clients[@]} -gt 0 ] || clients=(pip uv poetry pdm npm yarn cargo go maven gradle gems composer apt oci dnf)

left_out() { # WHY [CLIENT...]
    local why=$1
    shift
    [ $# -gt 0 ] || set -- "${clients[@]}"
    for client in "$@"; do echo "left out: $client ($why)"; done
}

# shellcheck source=scripts/clients/start-farm.sh
. scripts/clients/start-farm.sh

failed=0
passed=0
run() { # CLIENT MODE OPTION...
    local client=$1 mode=$2 status=0 folder
    shift 2
    folder=$work/$client-$mode
    mkdir -p "$folder"
    (
        cd "$folder" || exit 1
        # shellcheck disable=SC2016  # the variables are those that the agent sets for its command
        REAL_IP=$address "$farm/with-hosts.sh" env MODE=proxy TMPDIR="$folder" PRESERVE_HOME= \
            "$purser" run --cache "$folder/cache" --mode "$mode" "${origins[@]}" "$@" -- \
            sh -c 'PROXY_URL=$https_proxy CA_FILE=$SSL_CERT_FILE exec "$0"' "$farm/clients/$client.sh"
    ) >"$folder/log" 2>&1 || status=$?
    case $status in
    0)
        passed=$((passed + 1))
        echo "passed: $client, $mode: $(grep -E '^ok ' "$folder/log" | head -n 1); $(grep -E '^purser: ' "$folder/log" | head -n 1)"
        ;;
    77) left_out "the tool is not installed" "$client" ;;
    *)
        failed=$((failed + 1))
        echo "FAILED: $client, $mode, status $status"
        tail -n 20 "$folder/log" | sed 's/^/    /'
        ;;
    esac
}

# Packagist says of no archive what it hashes to, and Debian's Maven tree is recorded with SHA-1 alone.
permitted=$work/permitted.yml
printf 'version: 1\nrules: { unclaimed: { action: warn } }\n' >"$permitted"
for client in "${clients[@]}"; do
    # The farm makes its packages with rpmbuild, and goes without where there is none.
    if [ "$client" = dnf ] && [ -z "$(find "$FARM_DIR/www/rpm.farm.test" -name '*.rpm' -print -quit 2>/dev/null)" ]; then
        left_out "the farm was built without rpms" dnf
        continue
    fi
    options=()
    case $client in composer | maven | gradle) options=(--policy "$permitted") ;; esac
    run "$client" audit "${options[@]}"
    run "$client" enforce "${options[@]}"
done
echo "farm: $passed passed, $failed failed"
[ "$failed" = 0 ]
