#!/usr/bin/env bash
# The step of action.yml: runs the command behind the agent, then tells GitHub what came of it.
set -euo pipefail

purser=${INPUT_BINARY:-$(command -v purser || true)}
if [ -z "$purser" ] || [ ! -x "$purser" ]; then
    echo "::error title=Purser::there is no purser program; give its path as 'binary' or put it on PATH"
    exit 2
fi
if [ -n "${INPUT_BINARY_DIGEST:-}" ]; then
    got=$(sha256sum "$purser" | cut -d ' ' -f 1)
    if [ "$got" != "$INPUT_BINARY_DIGEST" ]; then
        echo "::error title=Purser::the program's SHA-256 is $got, expected $INPUT_BINARY_DIGEST"
        exit 5
    fi
fi

# The key's variable is given up to the agent, which takes it out of the command's environment.
name=${INPUT_SIGNING_KEY_ENV:-PURSER_SIGNING_KEY}
if [ "$name" != PURSER_SIGNING_KEY ] && [ -n "${!name:-}" ]; then
    export PURSER_SIGNING_KEY=${!name}
    unset "$name"
fi
[ -n "${PURSER_SIGNING_KEY:-}" ] || unset PURSER_SIGNING_KEY
[ -n "${PURSER_TOKEN:-}" ] || unset PURSER_TOKEN
command=$INPUT_RUN
summary=${INPUT_SUMMARY:-all}
for name in ${!INPUT_*}; do unset "$name"; done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
"$purser" run -- bash -euo pipefail -c "$command" 2> >(tee "$log" >&2) || status=$?

manifest=${PURSER_MANIFEST:-purser.lock}
report=${PURSER_REPORT:-purser-run.json}
count() { jq -r ".$1 | length" "$report" 2>/dev/null || echo 0; }
{
    if [ -f "$manifest" ]; then
        echo "manifest=$PWD/$manifest"
        echo "manifest-digest=$(sha256sum "$manifest" | cut -d ' ' -f 1)"
        echo "statement=$PWD/$(dirname "$manifest")/purser.intoto.json"
    fi
    echo "denied-count=$(count blocked)"
    echo "warned-count=$(count warnings)"
    echo "gap-count=$(count gaps)"
} >>"${GITHUB_OUTPUT:-/dev/null}"

# One annotation for each rule; the details are in the log and the summary.
if [ -f "$report" ]; then
    jq -r '.blocked | group_by(.rule)[] | "::error title=Purser \(.[0].rule)::\(length) refused, first: \(.[0].subject)"' "$report" || true
fi
if [ "$summary" = all ] || { [ "$summary" = problems ] && [ "$status" != 0 ]; }; then
    {
        echo "### Purser"
        echo '```text'
        sed -n '/^purser: /,$p' "$log" | sed 's/```/` ` `/g' | head -c 500000
        echo '```'
    } >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
fi
exit "$status"
