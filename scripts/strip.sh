#!/usr/bin/env bash
# strip.sh PROGRAM TO: the program without symbols, and without the two sections that tell in which folder it was built.
set -euo pipefail
program=$1 to=$2
# The toolchain's own tool: GNU strip, told to leave sections out of what lld linked, also leaves out the segment that is read-only once
# the program has started (RELRO).
objcopy="$(dirname "$(readlink -f "$(command -v swiftc)")")/llvm-objcopy"
if [ -x "$objcopy" ]; then
    "$objcopy" --strip-all -R .note.gnu.build-id -R .swift_modhash "$program" "$to"
else
    strip -s -o "$to" "$program"
fi
if readelf -lW "$program" | grep -q GNU_RELRO && ! readelf -lW "$to" | grep -q GNU_RELRO; then
    echo "strip: $to has lost its read-only segment (RELRO)" >&2
    exit 1
fi
printf '%s: %s bytes stripped\n' "${to##*/}" "$(stat -c %s "$to")"
