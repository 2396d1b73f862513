#!/usr/bin/env bash
# tarball.sh FOLDER NAME: packs both programs and the licence into FOLDER/NAME.tar.gz, the same bytes for the same content.
set -euo pipefail
folder=$1
name=$2
top=$(cd "$(dirname "$0")/.." && pwd)
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
install -d "$staged/$name"
install -m 0755 "$folder/purser" "$folder/purser-registry" "$staged/$name/"
install -m 0644 "$top/LICENSE" "$top/README.md" "$top/CHANGELOG.md" "$staged/$name/"
moment=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct 2>/dev/null || echo 0)}
tar -C "$staged" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$moment" -cf - "$name" |
    gzip -9n >"$folder/$name.tar.gz"
(cd "$folder" && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
