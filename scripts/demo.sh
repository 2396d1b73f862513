#!/usr/bin/env bash
# demo.sh FOLDER: the main job of Purser on real packages, with the programs in FOLDER.
# A registry on loopback, a build through the agent, and everything that follows from its papers. Ends what it started.
set -euo pipefail
exec </dev/null
top=$(cd "$(dirname "$0")/.." && pwd)
programs=$(cd "${1:?usage: demo.sh FOLDER}" && pwd)
export PATH="$programs:$PATH" NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}"
export no_proxy=$NO_PROXY
unset PURSER_TOKEN PURSER_SIGNING_KEY PURSER_REGISTRY PURSER_POLICY PURSER_MODE PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS

ground=$(mktemp -d "${TMPDIR:-/tmp}/purser-demo.XXXXXX")
registry_pid=""
step=0
begun=$SECONDS
tidy() {
    local status=$?
    if [ -n "$registry_pid" ]; then
        kill "$registry_pid" 2>/dev/null || true
        wait "$registry_pid" 2>/dev/null || true
    fi
    if [ "$status" != 0 ]; then
        echo
        echo "demo: stopped in step $step with status $status; the registry's last lines:"
        tail -n 20 "$ground/registry.log" 2>/dev/null | sed 's/psr_[A-Za-z0-9_]*/psr_…/g' || true
    fi
    [ "${PURSER_DEMO_KEEP:-}" = 1 ] && echo "demo: kept $ground" || rm -rf "$ground"
}
trap tidy EXIT

headline() {
    step=$((step + 1))
    printf '\n[%d] %s\n' "$step" "$*"
}
say() { printf '    %s\n' "$@"; }
# Prints a command as a reader would type it, runs it, and sets its output in.
run() {
    printf '    $ %s\n' "$(printf '%s ' "$@" | sed "s#$ground/##g; s#psr_[A-Za-z0-9_]*#TOKEN#g")"
    "$@" 2>&1 | sed -u "s#$ground/##g; s#psr_[A-Za-z0-9_]*#TOKEN#g; s/^/      /"
}
# A machine is a home folder of its own (so: an empty cache) and a fresh checkout.
machine() {
    mkdir -p "$ground/$1/home"
    cp -r "$top/examples/python-app" "$ground/$1/app"
    rm -rf "$ground/$1/app/dist" "$ground/$1/app/scratch"
    git -C "$ground/$1/app" init -q
    git -C "$ground/$1/app" add -A
    git -C "$ground/$1/app" -c user.name=demo -c user.email=demo@example.org -c commit.gpgsign=false commit -q -m "app: begin"
    export HOME="$ground/$1/home" XDG_CACHE_HOME="$ground/$1/home/.cache"
    cd "$ground/$1/app"
}

echo "Purser: one build, from its first download to production"
say "$(purser --version 2>&1 | sed 's/^/purser /; s/purser purser/purser/')  $(stat -c %s "$programs/purser" | numfmt --to=iec) bytes;" \
    "registry program $(stat -c %s "$programs/purser-registry" | numfmt --to=iec) bytes"

headline "A central registry with its embedded defaults: one program, one folder"
purser-registry serve --data "$ground/registry" --listen 127.0.0.1:0 >"$ground/registry.log" 2>&1 &
registry_pid=$!
registry=""
for _ in $(seq 200); do
    registry=$(sed -n 's#^listening on \(http://\)\{0,1\}\([0-9.]*:[0-9]*\)/\{0,1\}$#http://\2#p' "$ground/registry.log")
    [ -n "$registry" ] && curl --silent --fail --output /dev/null "$registry/readyz" && break
    kill -0 "$registry_pid" 2>/dev/null || { echo "demo: the registry did not start" >&2; exit 1; }
    sleep 0.05
done
[ -n "$registry" ] || { echo "demo: the registry was not ready after 10 s" >&2; exit 1; }
say "listening on $registry"
(umask 077 && purser-registry token create --data "$ground/registry" --scope read,publish,promote --note demo >"$ground/token")
token=$(cat "$ground/token")
say "made a token that may read, publish and promote; it stays in a file"
run purser keygen --out "$ground/signing.pem"
# The registry asks for this signature before it shows a build in another channel.
cp "$ground/signing.pem.trust.json" "$ground/registry/trust.json"
agent=(--registry "$registry" --token-file "$ground/token")

headline "The build, through the agent: PyPI by pip, a .deb by apt, a file by curl; policy in force"
machine first
run purser run "${agent[@]}" --push --signing-key "$ground/signing.pem" --artifact 'dist/*' -- ./build.sh
papers=(purser.lock purser.intoto.json purser-run.json)
build=$(sha256sum purser.intoto.json | cut -c 1-16)
inputs=$(python3 -c 'import json; print(len(json.load(open("purser.lock"))["inputs"]))')
digests=$(cd dist && sha256sum ./*)

headline "The wheel, installed by pip from the registry's channel dev"
install_from() { # CHANNEL
    python3 -m venv "$ground/venv-$1"
    run "$ground/venv-$1/bin/python" -m pip --isolated --disable-pip-version-check --no-cache-dir install --quiet \
        --index-url "http://__token__:$token@${registry#http://}/main/$1/pypi/simple/" lading==1.0.0
    run "$ground/venv-$1/bin/lading"
}
install_from dev

headline "The papers, verified: signature, artifacts, inputs"
run purser verify purser.lock --trust "$ground/signing.pem.trust.json" "${agent[@]}"

headline "The same job on another machine: empty cache, no way to the internet but the registry"
machine second
cp "$ground/first/app/purser.lock" "$ground/before.lock"
(
    # Whatever would go past the registry ends at a port where nobody listens.
    export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9
    run purser run "${agent[@]}" --artifact 'dist/*' -- ./build.sh
)
cmp purser.lock "$ground/before.lock"
say "its purser.lock is the same, byte for byte"

headline "The build replayed offline, from what the registry recorded"
machine third
for file in "${papers[@]}"; do cp "$ground/first/app/$file" .; done
(
    export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9
    run purser replay "${agent[@]}" purser.lock -- ./build.sh
)
[ "$(cd dist && sha256sum ./*)" = "$digests" ] || { echo "demo: the replay built other bytes" >&2; exit 1; }

headline "Promoted to prod: the same bytes, never rebuilt"
run purser promote "$build" --to prod "${agent[@]}"
install_from prod

headline "What happened"
say "$inputs inputs came in, each with its digest in purser.lock; policy judged every one." \
    "build $build: built once, verified, rebuilt twice with equal bytes, in dev, staging and prod:"
printf '%s\n' "$digests" | sed 's#^#      #; s#\./##'
say "$((SECONDS - begun)) s in all. Nothing is left behind: the registry is stopped and the folder removed."
