#!/bin/sh
# install.sh: fetches a release of Purser, verifies it, and only then installs it.
set -eu

usage() {
    cat <<'END'
usage: install.sh --from URL --version VERSION (--sha256 HEX | --key FILE) [--prefix FOLDER]

  --from URL      where the release's files lie; https, or http where what comes is verified anyway
  --version V     such as 0.1.0
  --sha256 HEX    the tarball's digest, from somebody you trust
  --key FILE      the public key (PEM, Ed25519) that signs the release's SHA256SUMS
  --prefix FOLDER where it goes: FOLDER/bin, FOLDER/share (default: /usr/local)

Nothing is installed unless the tarball has the digest that you gave, or the one that a SHA256SUMS
with a good signature of your key states. It needs curl or wget, tar, gzip, sha256sum or shasum, and
for --key openssl 3. Ends with 0, 1 when something did not verify or work, 2 when used wrongly.
END
}

refuse() {
    echo "install: $*; nothing was installed" >&2
    exit 1
}
misused() {
    echo "install: $*" >&2
    usage >&2
    exit 2
}

from='' version='' digest='' key='' prefix=/usr/local
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h)
        usage
        exit 0
        ;;
    --from | --version | --sha256 | --key | --prefix)
        [ $# -ge 2 ] || misused "$1 needs a value"
        case $1 in
        --from) from=${2%/} ;;
        --version) version=$2 ;;
        --sha256) digest=$(printf '%s' "$2" | tr 'A-F' 'a-f') ;;
        --key) key=$2 ;;
        --prefix) prefix=$2 ;;
        esac
        shift 2
        ;;
    *) misused "unknown word: $1" ;;
    esac
done
case $from in
https://?* | http://?*) ;;
*) misused "--from needs an address that begins with https:// or http://" ;;
esac
case $version in
'' | *[!0-9A-Za-z.+~-]* | .*) misused "--version needs a version" ;;
esac
case $prefix in
/*) ;;
*) misused "--prefix needs a folder that begins with /" ;;
esac
if [ -n "$digest" ]; then
    [ -z "$key" ] || misused "give --sha256 or --key, not both"
    case $digest in *[!0-9a-f]*) misused "--sha256 needs 64 hexadecimal digits" ;; esac
    [ "${#digest}" = 64 ] || misused "--sha256 needs 64 hexadecimal digits"
elif [ -n "$key" ]; then
    [ -r "$key" ] || refuse "the key $key cannot be read"
    command -v openssl >/dev/null || refuse "openssl is not here, and --key needs it"
else
    # A digest that comes from where the tarball comes from says nothing about who made either.
    misused "give --sha256 or --key: without one of them there is nothing to verify by"
fi

name=purser-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# FILE MEBIBYTES: whoever serves us cannot fill the disk.
fetch() {
    (
        ulimit -f $(($2 * 2048))
        if command -v curl >/dev/null; then
            curl --fail --silent --show-error --location --proto '=https,http' --retry 2 --connect-timeout 20 \
                --output "$scratch/$1" "$from/$1"
        elif command -v wget >/dev/null; then
            wget --quiet --tries=3 --timeout=60 --output-document="$scratch/$1" "$from/$1"
        else
            echo "install: neither curl nor wget is here" >&2
            exit 1
        fi
    ) || refuse "$from/$1 could not be fetched whole"
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -c 1-64
}

if [ -n "$key" ]; then
    fetch SHA256SUMS 1
    fetch SHA256SUMS.sig 1
    openssl pkeyutl -verify -rawin -pubin -inkey "$key" -in "$scratch/SHA256SUMS" -sigfile "$scratch/SHA256SUMS.sig" >/dev/null 2>&1 ||
        refuse "the signature of SHA256SUMS is not one of $key"
    digest=$(awk -v file="$name.tar.gz" '$2 == file || $2 == "*" file { print $1 }' "$scratch/SHA256SUMS")
    [ "${#digest}" = 64 ] || refuse "SHA256SUMS does not say one digest for $name.tar.gz"
fi

fetch "$name.tar.gz" 1024
found=$(sha256 "$scratch/$name.tar.gz")
[ "$found" = "$digest" ] || refuse "$name.tar.gz is not what was promised: its SHA-256 is $found, not $digest"

mkdir "$scratch/tree"
tar -xzf "$scratch/$name.tar.gz" -C "$scratch/tree" || refuse "$name.tar.gz cannot be unpacked"
cd "$scratch/tree/$name" || refuse "$name.tar.gz does not hold $name"
for program in purser purser-registry; do
    "bin/$program" --version >/dev/null ||
        refuse "bin/$program does not start here; on Debian it needs: libarchive13 libcurl4 libjansson4 libsqlite3-0 zlib1g ca-certificates"
done

# Each file is written beside its place and moved into it, so that a program that runs is never half of one and half of another.
find bin share -type f >"$scratch/files"
while IFS= read -r file; do
    folder=$prefix/${file%/*}
    mkdir -p "$folder" || refuse "$folder cannot be made"
    [ -w "$folder" ] || refuse "$folder cannot be written (another --prefix, or sudo)"
done <"$scratch/files"
while IFS= read -r file; do
    cp -p "$file" "$prefix/$file.new-$$"
    if [ "$(id -u)" = 0 ]; then chown 0:0 "$prefix/$file.new-$$"; fi
    mv -f "$prefix/$file.new-$$" "$prefix/$file"
done <"$scratch/files"
echo "install: purser $("$prefix/bin/purser" --version) is in $prefix/bin; its SHA-256 as a tarball is $digest"
