#!/usr/bin/env bash
# farm.sh [PURSER]: real clients on real package data, through the agent, under the registries' own names.
# Wants the package farm's scripts (FARM, default ../shared/farm), its trees (FARM_DIR) and root for a mount namespace.
# What is missing is left out by name; nothing of that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."

purser=$(realpath "${1:-.build/release/purser}")
farm=${FARM:-../shared/farm}
port=${FARM_PORT:-$((20000 + RANDOM % 10000))}
address=${FARM_ADDRESS:-127.77.0.9}
clients=(pip uv poetry pdm npm cargo go apt oci gems dnf)

left_out() { # WHY CLIENT...
    local why=$1
    shift
    for client in "$@"; do echo "left out: $client ($why)"; done
}

[ -x "$purser" ] || { echo "farm.sh: no agent at $purser" >&2; exit 2; }
if [ ! -f "$farm/farmserve.py" ]; then left_out "no package farm at $farm" "${clients[@]}"; exit 0; fi
if [ ! -d "${FARM_DIR:-/nonexistent}/www" ]; then left_out "FARM_DIR names no built farm" "${clients[@]}"; exit 0; fi
if [ "$(id -u)" != 0 ]; then left_out "names are given to the farm in a mount namespace, which needs root" "${clients[@]}"; exit 0; fi
farm=$(realpath "$farm")
FARM_DIR=$(realpath "$FARM_DIR")
export FARM_DIR

work=$(mktemp -d)
python3 "$farm/farmserve.py" "$FARM_DIR" --base-port "$port" --real-ip "$address" >"$work/server.log" 2>&1 &
server=$!
finish() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
for _ in $(seq 50); do
    grep -q "farm ready" "$work/server.log" && break
    sleep 0.2
done
grep -q "farm ready" "$work/server.log" || { cat "$work/server.log" >&2; echo "farm.sh: the farm did not start" >&2; exit 1; }

# Loopback is only dialled for a client where it is declared.
origins=(
    --origin pypi=https://pypi.org/ --origin pypi=https://files.pythonhosted.org/
    --origin cargo=https://index.crates.io/ --origin cargo=https://static.crates.io/
    --origin golang=https://proxy.golang.org/ --origin golang=https://sum.golang.org/
    --origin npm=https://registry.npmjs.org/ --origin deb=http://deb.farm.test/debian
    --origin oci=https://registry-1.docker.io/ --origin oci=https://auth.docker.io/
    --origin oci=https://production.cloudflare.docker.com/
    --origin gem=https://rubygems.org/ --origin gem=https://index.rubygems.org/ --origin rpm=https://rpm.farm.test/
)
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
        echo "passed: $client, $mode: $(grep -E '^ok ' "$folder/log" | head -n 1); $(grep -E '^purser: ' "$folder/log")"
        ;;
    77) left_out "the tool is not installed" "$client" ;;
    *)
        failed=$((failed + 1))
        echo "FAILED: $client, $mode, status $status"
        tail -n 20 "$folder/log" | sed 's/^/    /'
        ;;
    esac
}

for client in "${clients[@]}"; do
    run "$client" audit
    run "$client" enforce
done
echo "farm: $passed passed, $failed failed"
[ "$failed" = 0 ]
