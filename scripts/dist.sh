#!/usr/bin/env bash
# dist.sh FOLDER OUT VERSION: makes a release in OUT of the programs in FOLDER: a tarball, a Debian package where dpkg is, install.sh, SHA256SUMS.
# Equal programs, sources and SOURCE_DATE_EPOCH give equal bytes. DIST_KEY, an Ed25519 private key (PEM), signs SHA256SUMS.
set -euo pipefail
programs=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
version=$3
cd "$(dirname "$0")/.."
platform=$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
umask 022

for program in purser purser-registry; do
    said=$("$programs/$program" --version)
    if [ "$said" != "$version" ]; then
        echo "dist: $program says it is version $said, the newest heading of CHANGELOG.md says $version" >&2
        exit 1
    fi
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
name=purser-$version-$platform
files=("$name.tar.gz")
scripts/stage.sh "$programs" "$scratch/$name"
scripts/tarball.sh "$scratch/$name" "$scratch/$name.tar.gz"

if command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null; then
    package=purser_$version-1_$(dpkg --print-architecture).deb
    scripts/stage.sh "$programs" "$scratch/deb/usr" zsh/vendor-completions
    scripts/deb.sh "$scratch/deb" "$version" "$scratch/$package"
    files+=("$package")
else
    echo "dist: no Debian package: dpkg-deb or dpkg-shlibdeps is not here (package dpkg-dev)"
fi

install -m 0755 scripts/install.sh "$scratch/install.sh"
files+=(install.sh)
(cd "$scratch" && printf '%s\n' "${files[@]}" | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
if [ -n "${DIST_KEY:-}" ]; then
    openssl pkeyutl -sign -rawin -inkey "$DIST_KEY" -in "$scratch/SHA256SUMS" -out "$scratch/SHA256SUMS.sig"
    files+=(SHA256SUMS.sig)
fi
# What an earlier run left must not pass for part of this one.
rm -f "$out/SHA256SUMS" "$out/SHA256SUMS.sig"
for file in "${files[@]}" SHA256SUMS; do install -m 0644 "$scratch/$file" "$out/$file"; done
chmod 0755 "$out/install.sh"
cat "$out/SHA256SUMS"
