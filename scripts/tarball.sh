#!/usr/bin/env bash
# tarball.sh TREE FILE: packs TREE, a folder that may be unpacked anywhere, into FILE (.tar.gz). The same content gives the same bytes.
set -euo pipefail
moment=$("$(dirname "$0")/moment.sh")
tar -C "$(dirname "$1")" --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw --mtime="@$moment" -cf - "$(basename "$1")" |
    gzip "-${DIST_LEVEL:-6}n" >"$2"
