#!/usr/bin/env bash
# install-check.sh FOLDER VERSION KEY: install.sh takes the release in FOLDER, whose SHA256SUMS the key in KEY (public) signed, from a server on loopback,
# and refuses it in every state that a bad server or network can bring it into, without installing anything.
set -euo pipefail
release=$(cd "$1" && pwd)
version=$2
key=$3
installer=$(cd "$(dirname "$0")" && pwd)/install.sh
name=purser-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
ground=$(mktemp -d "${TMPDIR:-/tmp}/purser-install.XXXXXX")
server=""
tidy() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$ground"
}
trap tidy EXIT
ok() { printf 'ok    %s\n' "$*"; }
fail() {
    printf 'FAIL  %s\n' "$*" >&2
    exit 1
}

# The first part of a path says what happens to the tarball.
cat >"$ground/server.py" <<'END'
import http.server, os, pathlib, sys
root, tarball = pathlib.Path(sys.argv[1]), sys.argv[2]

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def do_GET(self):
        _, how, file = self.path.split("/", 2)
        place = root / os.path.basename(file)
        if not place.is_file() or how == "without-" + place.name: return self.send_error(404)
        body, length = place.read_bytes(), None
        if place.name == tarball:
            if how == "flip": body = body[:5000] + bytes([body[5000] ^ 1]) + body[5001:]
            if how == "cut": body, length = body[: len(body) // 2], len(body)
            if how == "short": body = body[: len(body) // 2]
            if how == "page": body = b"<!doctype html><title>Sign in</title>"
        if place.name == "SHA256SUMS":
            if how == "other-sums": body = body.replace(body[:8], b"00000000", 1)
            if how == "endless": body, length = body + bytes(8 << 20), -1
        self.send_response(200)
        if length != -1: self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        try: self.wfile.write(body)
        except OSError: pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
END
serve() { # FOLDER
    : >"$ground/port"
    python3 "$ground/server.py" "$1" "$name.tar.gz" >"$ground/port" &
    server=$!
    for _ in $(seq 100); do
        [ -s "$ground/port" ] && break
        sleep 0.05
    done
    address=http://127.0.0.1:$(cat "$ground/port")
}
serve "$release"
good=$(sha256sum "$release/$name.tar.gz" | cut -c 1-64)
flipped=$(tr '0123456789abcdef' '123456789abcdef0' <<<"$good")
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out "$ground/other.pub"

installs() { # WHAT ARGUMENT...
    local what=$1
    shift
    [ "${over:-}" = 1 ] || rm -rf "$ground/prefix"
    sh "$installer" --version "$version" --prefix "$ground/prefix" "$@" >"$ground/out" 2>&1 || fail "install.sh: $what: $(cat "$ground/out")"
    [ "$("$ground/prefix/bin/purser" --version)" = "$version" ] || fail "install.sh: $what: purser does not run"
    [ -s "$ground/prefix/share/man/man1/purser.1" ] || fail "install.sh: $what: no manual page"
    [ -z "$(find "$ground/prefix" -name '*.new-*')" ] || fail "install.sh: $what: left files behind"
    ok "install.sh installs: $what"
}
refuses() { # STATUS WORDS WHAT ARGUMENT...
    local expected=$1 words=$2 what=$3 status=0
    shift 3
    rm -rf "$ground/prefix"
    sh "$installer" --version "$version" --prefix "$ground/prefix" "$@" >"$ground/out" 2>&1 || status=$?
    [ "$status" = "$expected" ] || fail "install.sh: $what: ended with $status, not $expected: $(cat "$ground/out")"
    grep -q -e "$words" "$ground/out" || fail "install.sh: $what: does not say '$words': $(cat "$ground/out")"
    [ ! -e "$ground/prefix" ] || fail "install.sh: $what: something was installed"
    ok "install.sh refuses: $what"
}

installs "by a digest" --from "$address/as-it-is" --sha256 "$good"
over=1 installs "by a digest in capitals, over what is there" --from "$address/as-it-is/" --sha256 "$(tr 'a-f' 'A-F' <<<"$good")"
installs "by a signature" --from "$address/as-it-is" --key "$key"
installs "by a digest, without SHA256SUMS" --from "$address/without-SHA256SUMS" --sha256 "$good"
if command -v wget >/dev/null; then
    mkdir "$ground/bin"
    for tool in sh wget tar gzip sha256sum awk tr uname mktemp rm cut cat cp mv mkdir find id chown openssl; do ln -s "$(command -v "$tool")" "$ground/bin/$tool"; done
    (PATH=$ground/bin installs "by a signature, with wget" --from "$address/as-it-is" --key "$key")
fi

refuses 1 "not what was promised" "a flipped byte, by a digest" --from "$address/flip" --sha256 "$good"
refuses 1 "not what was promised" "a flipped byte, by a signature" --from "$address/flip" --key "$key"
refuses 1 "could not be fetched whole" "a download that is cut off" --from "$address/cut" --sha256 "$good"
refuses 1 "not what was promised" "a tarball that is half of one" --from "$address/short" --key "$key"
refuses 1 "not what was promised" "a page in place of the tarball" --from "$address/page" --sha256 "$good"
refuses 1 "not what was promised" "another digest" --from "$address/as-it-is" --sha256 "$flipped"
refuses 1 "could not be fetched" "no SHA256SUMS" --from "$address/without-SHA256SUMS" --key "$key"
refuses 1 "could not be fetched" "no signature" --from "$address/without-SHA256SUMS.sig" --key "$key"
refuses 1 "could not be fetched" "no tarball" --from "$address/without-$name.tar.gz" --key "$key"
refuses 1 "the signature of SHA256SUMS" "an altered SHA256SUMS" --from "$address/other-sums" --key "$key"
refuses 1 "the signature of SHA256SUMS" "somebody else's key" --from "$address/as-it-is" --key "$ground/other.pub"
refuses 1 "could not be fetched" "a SHA256SUMS without an end" --from "$address/endless" --key "$key"
refuses 1 "could not be fetched" "a server that is not there" --from http://127.0.0.1:9 --sha256 "$good"
refuses 2 "give --sha256 or --key" "nothing to verify by" --from "$address/as-it-is"
refuses 2 "64 hexadecimal digits" "half a digest" --from "$address/as-it-is" --sha256 "${good:0:32}"

# A release whose signed SHA256SUMS says nothing of this platform's tarball, and one whose programs do not start.
kill "$server"
wait "$server" 2>/dev/null || true
mkdir -p "$ground/second/$name/bin"
printf '#!/bin/sh\nexit 127\n' | tee "$ground/second/$name/bin/purser" >"$ground/second/$name/bin/purser-registry"
chmod +x "$ground/second/$name/bin/"*
tar -C "$ground/second" -czf "$ground/second/$name.tar.gz" "$name"
openssl genpkey -algorithm ed25519 -out "$ground/second.pem" 2>/dev/null
openssl pkey -in "$ground/second.pem" -pubout -out "$ground/second.pub"
printf '%s  purser-%s-plan9-z80.tar.gz\n' "$good" "$version" >"$ground/second/SHA256SUMS"
openssl pkeyutl -sign -rawin -inkey "$ground/second.pem" -in "$ground/second/SHA256SUMS" -out "$ground/second/SHA256SUMS.sig"
serve "$ground/second"
refuses 1 "does not say one digest" "a signed SHA256SUMS without the tarball's line" --from "$address/as-it-is" --key "$ground/second.pub"
refuses 1 "does not start here" "programs that do not start" --from "$address/as-it-is" --sha256 "$(sha256sum "$ground/second/$name.tar.gz" | cut -c 1-64)"
