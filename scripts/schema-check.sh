#!/usr/bin/env bash
# schema-check.sh: docs/purser.schema.json against JSON Schema itself, and against what it has to take and to refuse.
# Skipped, by name, where check-jsonschema is not installed (make clients).
set -euo pipefail
cd "$(dirname "$0")/.."
checker=.build/clients/bin/check-jsonschema
[ -x "$checker" ] || checker=$(command -v check-jsonschema) || {
    echo "schema-check: skipped: check-jsonschema is not installed; run make clients"
    exit 0
}
schema=docs/purser.schema.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { "$checker" --color never "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }; }

check --check-metaschema "$schema"

# Every file and every example on the pages.
mapfile -t files < <(git ls-files ':(glob)examples/*/purser.yml' ':(glob)examples/*/policy.yml' scripts/self.yml)
awk -v folder="$work" '/^```yaml$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print > (folder "/page-" n ".yml") }' docs/policy.md
check --schemafile "$schema" "${files[@]}" "$work"/page-*.yml

# What no reader takes.
number=0
while IFS= read -r line; do
    number=$((number + 1))
    printf '%b' "$line" >"$work/bad-$number.yml"
    if "$checker" -q --schemafile "$schema" "$work/bad-$number.yml" >"$work/said" 2>&1; then
        echo "schema-check: the schema takes what the reader refuses: $line" >&2
        exit 1
    fi
done <<'END'
mode: enforce\n
version: 2\n
version: 1\nmode: enforced\n
version: 1\nrules: { min_age: { dayz: 3 } }\n
version: 1\nrules: { min_age: { days: -1 } }\n
version: 1\nrules: { as_of: {} }\n
version: 1\nrules: { block: [left-pad] }\n
version: 1\nrules: { trust.verify: { signers: {} } }\n
version: 1\ndata: { osv: { max_staleness: 24h } }\n
version: 1\ndata: { osv: { path: a, max_staleness: soon } }\n
version: 1\nexempt: [{ purl: "pkg:npm/a", rule: min_age, until: 2030-01-01 }]\n
version: 1\nsession: { gaps: blok }\n
version: 1\nagent: { registri: "http://a" }\n
END
echo "schema-check: ${#files[@]} files, $(find "$work" -name 'page-*' | wc -l) examples taken, $number refused"
