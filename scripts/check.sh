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

# Tools that others wrote; make clients installs them.
echo "check: shell scripts"
if ! command -v shellcheck >/dev/null; then
    failed "there is no shellcheck; run make clients"
else
    mapfile -t scripts < <(find . -name .build -prune -o -type f \( -name '*.sh' -o -path ./.ci/run \) -print | sort)
    shellcheck --severity=warning "${scripts[@]}" || failed "shellcheck found the above"
fi

echo "check: GitHub's files"
clients=.build/clients/bin
if [ ! -x "$clients/check-jsonschema" ]; then
    failed "there is no $clients/check-jsonschema; run make clients"
else
    "$clients/check-jsonschema" --quiet --builtin-schema vendor.github-actions action.yml ci-templates/github/*/action.yml ||
        failed "an action is not what GitHub's schema says"
    "$clients/check-jsonschema" --quiet --builtin-schema vendor.github-workflows ci-templates/github/examples/*.yml ||
        failed "a workflow is not what GitHub's schema says"
    "$clients/python" scripts/workflow-check.py ci-templates/github/examples/*.yml || failed "a workflow is not sound"
fi

echo "check: files of other CI systems, image, bill of materials"
scripts/ci-files.sh || failed "one of them is not what it should be"

# A generated page is what the program prints; `purser __docs NAME` prints the page docs/NAME.md, and `schema` the one of purser.yml.
echo "check: generated pages"
for page in problems.md configuration.md ecosystems.md rules.md purser.schema.json; do
    name=${page%.md}
    [ "$page" = purser.schema.json ] && name=schema
    if [ ! -x .build/debug/purser ]; then
        failed "docs/$page cannot be compared: there is no .build/debug/purser; run make build"
    elif ! .build/debug/purser __docs "$name" | diff -u "docs/$page" - >&2; then
        failed "docs/$page is not what the program prints; run: .build/debug/purser __docs $name > docs/$page"
    fi
done

echo "check: the schema of purser.yml"
scripts/schema-check.sh || failed "docs/purser.schema.json and what it describes differ"

[ "$status" = 0 ] && echo "check: all is well"
exit "$status"
