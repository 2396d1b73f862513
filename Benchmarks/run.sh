#!/usr/bin/env bash
# run.sh FOLDER [ROW…]: measures the programs in FOLDER beside their peers, in one run; prints ratios.
set -euo pipefail
programs=$(cd "${1:?usage: run.sh FOLDER [ROW…]}" && pwd)
shift
cd "$(dirname "$0")/.."

need=()
command -v nginx >/dev/null || need+=(nginx-light)
command -v wrk >/dev/null || need+=(wrk)
command -v curl >/dev/null || need+=(curl)
if [ "${#need[@]}" -gt 0 ]; then
    echo "bench: installing ${need[*]}"
    # RUNLEVEL=1: installed, but not started.
    as=(env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive)
    [ "$(id -u)" = 0 ] || as=(sudo -n "${as[@]}")
    "${as[@]}" apt-get update -qq
    "${as[@]}" apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi
for peer in squid apt-cacher-ng; do
    [ -x "/usr/sbin/$peer" ] || echo "bench: left out, not installed: $peer"
done

venv=.build/bench
if [ "$(cat "$venv/pins.txt" 2>/dev/null)" != "$(cat Benchmarks/peers.txt)" ]; then
    echo "bench: installing the peers of Benchmarks/peers.txt into $venv"
    for group in devpi proxpi mitmproxy uv; do
        python3 -m venv --clear "$venv/$group"
        read -ra pins < <(sed -n "s/^$group: //p" Benchmarks/peers.txt)
        "$venv/$group/bin/python" -m pip install --quiet --disable-pip-version-check "${pins[@]}"
    done
    cp Benchmarks/peers.txt "$venv/pins.txt"
fi
exec python3 Benchmarks/bench.py "$programs" "$PWD/$venv" "$@"
