#!/usr/bin/env bash
# Builds dist/bearing. An ordinary build script: it knows nothing of Purser.
# Equal inputs give equal bytes, wherever they lie: what is left out are symbols and two hashes that the folder's name goes into.
set -euo pipefail
cd "$(dirname "$0")"
umask 022
export LC_ALL=C TZ=UTC
rm -rf dist .build Package.resolved
mkdir dist
swift build --quiet --configuration release --static-swift-stdlib --cache-path .build/cache --product bearing
strip -s -R .note.gnu.build-id -R .swift_modhash -o dist/bearing .build/release/bearing
[ "$(dist/bearing 200)" = SSW ]
ls dist
