#!/usr/bin/env bash
# moment.sh: the time that everything in a release bears, in seconds since 1970: SOURCE_DATE_EPOCH, else the newest commit's, else 1980-01-01.
set -euo pipefail
echo "${SOURCE_DATE_EPOCH:-$(git -C "$(dirname "$0")" log -1 --format=%ct 2>/dev/null || echo 315532800)}"
