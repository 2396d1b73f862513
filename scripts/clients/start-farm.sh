#!/usr/bin/env bash
# start-farm.sh: read by farm.sh and faults.sh. Looks for the package farm, starts it, and ends it with the caller's shell.
# Sets farm, port, address, work and origins. Calls left_out and leaves with 0 where something is missing.
set -euo pipefail

farm=${FARM:-../shared/farm}
port=${FARM_PORT:-$((20000 + RANDOM % 10000))}
address=${FARM_ADDRESS:-127.77.0.9}

# shellcheck disable=SC2154  # from the caller
[ -x "$purser" ] || { echo "farm: no agent at $purser" >&2; exit 2; }
if [ ! -f "$farm/farmserve.py" ]; then left_out "no package farm at $farm"; exit 0; fi
if [ ! -d "${FARM_DIR:-/nonexistent}/www" ]; then left_out "FARM_DIR names no built farm"; exit 0; fi
if [ "$(id -u)" != 0 ]; then left_out "names are given to the farm in a mount namespace, which needs root"; exit 0; fi
farm=$(realpath "$farm")
FARM_DIR=$(realpath "$FARM_DIR")
export FARM_DIR

work=$(mktemp -d)
python3 "$farm/farmserve.py" "$FARM_DIR" --base-port "$port" --real-ip "$address" >"$work/server.log" 2>&1 &
server=$!
finish() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    chmod -R u+w "$work" && rm -rf "$work"
}
trap finish EXIT
for _ in $(seq 50); do
    grep -q "farm ready" "$work/server.log" && break
    sleep 0.2
done
grep -q "farm ready" "$work/server.log" || { cat "$work/server.log" >&2; echo "farm: it did not start" >&2; exit 1; }

# Loopback is only dialled for a client where it is declared.
# shellcheck disable=SC2034  # for the caller
origins=(
    --origin pypi=https://pypi.org/ --origin pypi=https://files.pythonhosted.org/
    --origin cargo=https://index.crates.io/ --origin cargo=https://static.crates.io/ --origin cargo=https://crates.io/
    --origin golang=https://proxy.golang.org/ --origin golang=https://sum.golang.org/
    --origin npm=https://registry.npmjs.org/ --origin npm=https://registry.yarnpkg.com/
    --origin deb=http://deb.farm.test/debian
    --origin oci=https://registry-1.docker.io/ --origin oci=https://auth.docker.io/
    --origin oci=https://production.cloudflare.docker.com/
    --origin gem=https://rubygems.org/ --origin gem=https://index.rubygems.org/ --origin rpm=https://rpm.farm.test/
    --origin maven=https://repo.maven.apache.org/maven2/ --origin maven=https://repo1.maven.org/maven2/
    --origin composer=https://repo.packagist.org/ --origin composer=https://api.github.com/
    --origin composer=https://codeload.github.com/
)
