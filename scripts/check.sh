#!/usr/bin/env bash
# check.sh: everything that can be said without building. Needs the debug programs of `make build` or `make test` for the generated pages.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
failed() {
    echo "check: $*" >&2
    status=1
}

echo "check: format"
swift format lint --strict -r Sources Tests Package.swift || failed "swift format lint found the above"

echo "check: house rules of text"
scripts/house-rules.sh || failed "a house rule is broken"

# A generated page is what the program prints; `purser __docs NAME` prints the page docs/NAME.md.
echo "check: generated pages"
for page in problems configuration ecosystems rules; do
    if [ ! -x .build/debug/purser ]; then
        failed "docs/$page.md cannot be compared: there is no .build/debug/purser; run make build"
    elif ! .build/debug/purser __docs "$page" | diff -u "docs/$page.md" - >&2; then
        failed "docs/$page.md is not what the program prints; run: .build/debug/purser __docs $page > docs/$page.md"
    fi
done

[ "$status" = 0 ] && echo "check: all is well"
exit "$status"
