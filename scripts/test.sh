#!/usr/bin/env bash
# test.sh [FILTER]: debug build, then the tests, and without a filter those of the GitHub action; prints what failed and the runners' closing lines.
# All of it is in .build/test.log.
set -euo pipefail
cd "$(dirname "$0")/.."
# The second one holds poetry, pdm and pipenv; its python and pip stand behind those of the first.
export PATH="$PWD/.build/clients/bin:$PWD/.build/clients-python/bin:$PATH"
export CLIENT_GO="$PWD/.build/clients-go/bin/go"

swift build --build-tests
filter=()
[ -n "${1:-}" ] && filter=(--filter "$1")

log=.build/test.log
status=0
export NO_COLOR=1
# One after the other: on two cores, tests that wait for real processes would starve each other.
swift test --skip-build --disable-xctest --no-parallel "${filter[@]}" >"$log" 2>&1 </dev/null || status=$?
if [ "$status" != 0 ]; then
    echo "test: failed with status $status; the whole output is in $log. Its last lines:"
    tail -n 10 "$log"
    # Last, so that it stands where people look first.
    echo "test: what failed"
    grep -E '^✘|: error: |Fatal error|unexpected signal' "$log" | cut -c1-600 | head -n 100 || true
    exit "$status"
fi
echo "test: the runner's closing lines"
grep -E '^(↳|✔ Suite|✔ Test run|warning:)' "$log" | tail -n 60
grep -qE 'Test run with [1-9][0-9]* tests' "$log" || { echo "test: the runner ran no test" >&2; exit 1; }
[ -z "${1:-}" ] || exit 0

echo "test: the GitHub action"
PURSER_TEST_PROGRAM="$PWD/.build/debug/purser" node --test --test-reporter=tap ci-templates/github/tests/*.test.js >.build/test-action.log 2>&1 </dev/null || status=$?
grep -E '^not ok|^# (tests|pass|fail|skipped|duration)' .build/test-action.log || true
[ "$status" = 0 ] || tail -n 200 .build/test-action.log
exit "$status"
