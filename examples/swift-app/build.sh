#!/usr/bin/env bash
# Builds dist/bearing. An ordinary build script: it knows nothing of Purser. Equal inputs give equal bytes: no tables of symbols.
set -euo pipefail
cd "$(dirname "$0")"
umask 022
export LC_ALL=C TZ=UTC
rm -rf dist .build Package.resolved
mkdir dist
swift build --quiet --configuration release --static-swift-stdlib --cache-path .build/cache --product bearing
strip -s -o dist/bearing .build/release/bearing
[ "$(dist/bearing 200)" = SSW ]
ls dist
