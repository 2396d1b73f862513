#!/usr/bin/env bash
# self.sh FOLDER [example]: this project, built by itself. The programs in FOLDER build the newest commit behind the agent, and replay the build without a network;
# the artifacts must be the same, byte for byte. Papers and artifacts are left in FOLDER/self. With `example`, the small package examples/swift-app in its place.
set -euo pipefail
exec </dev/null
top=$(cd "$(dirname "$0")/.." && pwd)
programs=$(cd "${1:?usage: self.sh FOLDER [example]}" && pwd)
what=${2:-project}
export PATH="$programs:$PATH" LC_ALL=C.UTF-8 NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}"
export no_proxy=$NO_PROXY
unset PURSER_REGISTRY PURSER_POLICY PURSER_MODE PURSER_PUSH GIT_SSL_CAINFO

ground=$(mktemp -d "${TMPDIR:-/tmp}/purser-self.XXXXXX")
server=""
tidy() {
    local status=$?
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    [ "$status" = 0 ] || echo "self: failed with status $status" >&2
    if [ "${PURSER_SELF_KEEP:-}" = 1 ]; then echo "self: kept $ground"; else rm -rf "$ground"; fi
}
trap tidy EXIT
say() { printf 'self: %s\n' "$*"; }

# A machine that has seen none of this: an empty home, so that no store of an earlier build answers.
real_home=$HOME
export HOME="$ground/home" XDG_CACHE_HOME="$ground/home/.cache"
mkdir -p "$HOME"

# Where git leads github.com to, the agent asks in its place, and the build's own git asks github.com: so all of it goes through the agent.
# A folder of this machine is served over HTTP on loopback for that.
origin=()
probe=https://github.com/apple/swift-log.git
mirror=$(HOME="$real_home" git ls-remote --get-url "$probe")
mirror=${mirror%/apple/swift-log.git}
if [ "$mirror" != https://github.com ]; then
    say "git leads https://github.com to $mirror; the agent asks there in its place"
    if [ -d "${mirror#file://}" ]; then
        python3 "$top/scripts/git-server.py" "${mirror#file://}" >"$ground/port" &
        server=$!
        for _ in $(seq 100); do
            [ -s "$ground/port" ] && break
            sleep 0.05
        done
        mirror=http://127.0.0.1:$(cat "$ground/port")
    fi
    origin=(--upstream "git=$mirror")
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$HOME/.gitconfig"
    unset GIT_CONFIG_COUNT
fi

case $what in
example)
    cp -r "$top/examples/swift-app" "$ground/source"
    rm -rf "$ground/source/dist" "$ground/source/.build"
    cd "$ground/source"
    git init -q
    git add -A
    git -c user.name=self -c user.email=self@example.org -c commit.gpgsign=false commit -q -m "app: begin"
    build=(./build.sh)
    options=()
    ;;
project)
    git -c safe.directory='*' clone -q "$top" "$ground/source"
    cd "$ground/source"
    git remote set-url origin "$(git -C "$top" remote get-url origin 2>/dev/null || echo "$top")"
    # Without the folder's name in it, what is built here can be compared with what is built elsewhere.
    build=(make --no-print-directory dist "RELEASE_FLAGS=-Xcc -ffile-prefix-map=$PWD=. -Xswiftc -file-prefix-map -Xswiftc $PWD=.")
    options=(--policy scripts/self.yml --expect git --artifact '.build/dist/purser*' --artifact .build/dist/SHA256SUMS)
    ;;
*)
    echo "self: no such thing to build: $what" >&2
    exit 2
    ;;
esac

# The release's own key where there is one, else one that is thrown away.
key=(--signing-key "$ground/signing.pem")
purser keygen --quiet --out "$ground/signing.pem"
trust=$ground/signing.pem.trust.json
if [ -n "${PURSER_SIGNING_KEY:-}" ]; then
    key=()
    trust=${PURSER_TRUST:?PURSER_SIGNING_KEY needs PURSER_TRUST, its trust file}
fi

begun=$SECONDS
say "the build, through the agent"
purser run --isolation "${PURSER_ISOLATION:-auto}" "${options[@]}" "${origin[@]}" "${key[@]}" -- "${build[@]}"
built=$SECONDS
purser verify purser.lock --trust "$trust"

result=$programs/self
rm -rf "$result"
mkdir "$result"
cp purser.lock purser-run.json purser.intoto.json "$result/"

say "the same build again, answered from the record alone"
if [ -n "$server" ]; then
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=""
fi
rm -rf .build dist Package.resolved
# Whatever would go past the agent ends at a port where nobody listens.
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9
replayed=$SECONDS
purser replay purser.lock -- "${build[@]}"
say "built in $((built - begun)) s, replayed in $((SECONDS - replayed)) s, the same bytes; papers in ${result#"$top"/}"
