#!/bin/sh
# For any CI system with a shell. Where the build is one command:
#   purser-ci.sh run COMMAND…        behind the agent; ends with what came of it
# Where it is several steps, each with a shell of its own:
#   purser-ci.sh start               nothing runs uncovered when this fails
#   purser-ci.sh exec COMMAND…       a step within the session
#   purser-ci.sh finish [STATUS]     the papers; STATUS is how the job went, where the system does not say it in a variable
#
# PURSER_BINARY         the program, by name or path (purser)
# PURSER_BINARY_URL     where it is fetched from instead, with curl; kept in the user's cache folder
# PURSER_BINARY_DIGEST  the SHA-256 that it must have before it runs; needed with a URL
# PURSER_REPORTS        a folder: purser.cdx.json, purser.codequality.json and purser.env are written there at the end
# PURSER_REGISTRY with PURSER_TOKEN or PURSER_TOKEN_FILE: pushes, unless PURSER_PUSH says false
# Every option of `purser run` has a variable, and purser.yml says the rest.
set -eu

fail() { # STATUS TEXT
    printf 'purser-ci: %s\n' "$2" >&2
    exit "$1"
}

digest_of() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# The program, of this machine or fetched once: run only when it has the digest that was asked for.
program=${PURSER_BINARY:-purser}
digest=${PURSER_BINARY_DIGEST:-}
if [ -n "${PURSER_BINARY_URL:-}" ]; then
    [ -n "$digest" ] || fail 2 "PURSER_BINARY_URL needs PURSER_BINARY_DIGEST: a fetched program is run only when its bytes are known"
    folder=${XDG_CACHE_HOME:-$HOME/.cache}/purser/programs/$digest
    program=$folder/purser
    if [ ! -f "$program" ]; then
        mkdir -p "$folder"
        curl -sSfL --retry 3 -o "$folder/fetched.$$" "$PURSER_BINARY_URL" || fail 7 "the program could not be fetched"
        chmod 0755 "$folder/fetched.$$"
        mv -f "$folder/fetched.$$" "$program"
    fi
fi
program=$(command -v "$program") || fail 2 "there is no program ${PURSER_BINARY:-purser}, and nothing runs uncovered"
if [ -n "$digest" ]; then
    got=$(digest_of "$program")
    if [ "$got" != "$digest" ]; then
        [ -z "${PURSER_BINARY_URL:-}" ] || rm -f "$program"
        fail 5 "the SHA-256 of $program is $got, and should be $digest"
    fi
fi

# How the job went so far, in the variables of those systems that tell; the others are asked for a word.
job_status() {
    if [ -n "${1:-${PURSER_JOB_STATUS:-}}" ]; then
        echo "${1:-$PURSER_JOB_STATUS}" | tr '[:upper:]' '[:lower:]'
        return
    fi
    for code in "${BUILDKITE_COMMAND_EXIT_STATUS:-}" "${BITBUCKET_EXIT_CODE:-}" "${TRAVIS_TEST_RESULT:-}"; do
        case $code in
        '') ;;
        0) echo success && return ;;
        *) echo failure && return ;;
        esac
    done
    case ${AGENT_JOBSTATUS:-}${DRONE_BUILD_STATUS:-}${CI_JOB_STATUS:-} in
    Failed | failure | failed | killed | error) echo failure ;;
    Canceled | canceled) echo cancelled ;;
    *) echo success ;;
    esac
}

# Written after a failure, too; what cannot be written takes nothing from the verdict.
reports() {
    [ -n "${PURSER_REPORTS:-}" ] || return 0
    mkdir -p "$PURSER_REPORTS"
    "$program" export --format cyclonedx --output "$PURSER_REPORTS/purser.cdx.json" || true
    "$program" export --format codequality --output "$PURSER_REPORTS/purser.codequality.json" || true
    "$program" export --format dotenv --output "$PURSER_REPORTS/purser.env" || true
}

if [ -z "${PURSER_PUSH:-}" ] && [ -n "${PURSER_REGISTRY:-}" ] && [ -n "${PURSER_TOKEN:-}${PURSER_TOKEN_FILE:-}" ]; then
    PURSER_PUSH=true
    export PURSER_PUSH
fi

verb=${1:-}
[ $# = 0 ] || shift
if [ "${1:-}" = -- ]; then shift; fi
status=0
case $verb in
run)
    "$program" run -- "$@" || status=$?
    reports
    ;;
start)
    # What it prints holds the session's secret, which a log is no place for; `exec` finds the session by itself.
    "$program" start --format shell >/dev/null || status=$?
    ;;
exec)
    "$program" exec -- "$@" || status=$?
    ;;
finish)
    "$program" finish --job-status "$(job_status "${1:-}")" || status=$?
    reports
    ;;
*) fail 2 "usage: purser-ci.sh run COMMAND… | start | exec COMMAND… | finish [STATUS]" ;;
esac
exit "$status"
