#!/usr/bin/env bash
# deb.sh TREE VERSION FILE: makes FILE, a Debian package, of TREE, which holds usr. The same content gives the same bytes.
# DIST_LEVEL (1 to 9), where time counts more than size, packs it with gzip. Which libraries it depends on is what dpkg-shlibdeps finds in the programs.
set -euo pipefail
tree=$(cd "$1" && pwd)
version=$2-1
here=$(cd "$(dirname "$0")" && pwd)
umask 022
SOURCE_DATE_EPOCH=$("$here/moment.sh")
export SOURCE_DATE_EPOCH LC_ALL=C
architecture=$(dpkg --print-architecture)

# Debian's places: the licence is among the common ones, and texts are packed.
doc=$tree/usr/share/doc/purser
rm "$doc/LICENSE"
mv "$doc/CHANGELOG.md" "$doc/changelog"
install -m 0644 "$here/debian/copyright" "$doc/copyright"
cat >"$doc/changelog.Debian" <<END
purser ($version) unstable; urgency=medium

  * What changed stands in changelog.gz.

 -- $(sed -n 's/^Maintainer: //p' "$here/debian/control")  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
gzip -9n "$doc/changelog" "$doc/changelog.Debian" "$doc/THIRD-PARTY.txt" "$tree"/usr/share/man/man1/*.1
install -d -m 0755 "$tree/usr/share/lintian/overrides"
install -m 0644 "$here/debian/lintian-overrides" "$tree/usr/share/lintian/overrides/purser"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/debian"
printf 'Source: purser\n\nPackage: purser\nArchitecture: any\n' >"$scratch/debian/control"
libraries=$(cd "$scratch" && dpkg-shlibdeps -O "$tree/usr/bin/purser" "$tree/usr/bin/purser-registry" 2>"$scratch/log" | sed -n 's/^shlibs:Depends=//p') || {
    cat "$scratch/log" >&2
    exit 1
}
[ -n "$libraries" ] || { echo "deb: dpkg-shlibdeps found no library" >&2; exit 1; }

install -d -m 0755 "$tree/DEBIAN"
size=$(find "$tree/usr" -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/; s/@LIBRARIES@/$libraries/" "$here/debian/control" >"$tree/DEBIAN/control"
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod 0644 "$tree/DEBIAN/control" "$tree/DEBIAN/md5sums"
find "$tree" -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"
find "$tree" -type d -print0 | xargs -0 chmod 0755
packing=(-Zxz -z6)
[ -n "${DIST_LEVEL:-}" ] && packing=(-Zgzip "-z$DIST_LEVEL")
dpkg-deb --root-owner-group "${packing[@]}" --build "$tree" "$3" >/dev/null
