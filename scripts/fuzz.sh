#!/usr/bin/env bash
# fuzz.sh [--seconds N] [--jobs N] [TARGET...]: builds the fuzzer and lets it look for bytes that break a reader's promise; see
# docs/fuzzing.md. Without a target: all of them. Ends with a table, and with 1 when something was found.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
# libFuzzer has to see a crash before the runtime prints a backtrace of it.
export SWIFT_BACKTRACE=enable=no

seconds=60
jobs=2
while [ $# -gt 0 ]; do
    case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --jobs) jobs=$2; shift 2 ;;
    -*) echo "fuzz: unknown option $1" >&2; exit 2 ;;
    *) break ;;
    esac
done

runtime=$(find "$(dirname "$(readlink -f "$(command -v swiftc)")")/../lib/clang" -name "libclang_rt.fuzzer_no_main-$(uname -m).a" | head -n 1)
[ -n "$runtime" ] || { echo "fuzz: the Swift toolchain has no libFuzzer for $(uname -m)" >&2; exit 2; }
program=$top/.build/fuzz/debug/Fuzzer
echo "fuzz: building"
mkdir -p .build
# The whole of it, since what needs it may stand before or behind it on the linker's command line.
runtime=(-Xlinker --whole-archive -Xlinker "$(readlink -f "$runtime")" -Xlinker --no-whole-archive -Xlinker -lstdc++)
PURSER_FUZZ=1 swift build --scratch-path .build/fuzz --product Fuzzer "${runtime[@]}" >.build/fuzz.log 2>&1 || {
    grep -E 'error:' .build/fuzz.log | sort -u | head -n 20 >&2
    echo "fuzz: the build failed; all of it is in .build/fuzz.log" >&2
    exit 2
}

mapfile -t known < <("$program" | cut -f 1)
targets=("$@")
[ $# -gt 0 ] || targets=("${known[@]}")
for target in "${targets[@]}"; do
    printf '%s\n' "${known[@]}" | grep -qx -- "$target" || { echo "fuzz: there is no target $target; known are: ${known[*]}" >&2; exit 2; }
done

work=$top/.build/fuzzing
rm -rf "$work/results"
mkdir -p "$work/results"

one() { # target: runs it, minimises what it finds, and leaves one line of the table
    local target=$1 seeds=$top/Tests/ExerciseTests/Fixtures/corpus/$1 words=$top/Tests/ExerciseTests/Fixtures/words/$1.dict
    local found=$work/found/$target own=$work/corpus/$target log=$work/$target.log status=0 options=()
    mkdir -p "$found" "$own"
    rm -f "$found"/*
    options=(-max_len=16384 -timeout=10 -rss_limit_mb=512 -artifact_prefix="$found/" -print_final_stats=1)
    [ -f "$words" ] && options+=(-dict="$words")
    export FUZZ_TARGET=$target
    "$program" "${options[@]}" -max_total_time="$seconds" "$own" "$seeds" >"$log" 2>&1 </dev/null || status=$?
    local result=none
    if [ "$status" != 0 ]; then
        local input
        input=$(find "$found" -type f | head -n 1)
        result="found: $(grep -m 1 -aE 'broken:|Fatal error|ERROR: libFuzzer' "$log" | tr -d '\0' | cut -c 1-150)"
        if [ -n "$input" ]; then
            timeout 90 "$program" "${options[@]}" -minimize_crash=1 -max_total_time=30 -exact_artifact_path="$found/smallest" "$input" >"$log.smallest" 2>&1 </dev/null || true
            [ -f "$found/smallest" ] || cp "$input" "$found/smallest"
            result+=$'\n'"    replay: FUZZ_TARGET=$target .build/fuzz/debug/Fuzzer .build/fuzzing/found/$target/smallest"
        fi
    fi
    local runs speed edges memory
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | head -n 1)
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log" | head -n 1)
    memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log" | head -n 1)
    edges=$(grep -aoE ' cov: [0-9]+' "$log" | tail -n 1 | tr -dc 0-9 || true)
    printf '%-14s %9s %7s %7s %5s  %s\n' "$target" "${runs:--}" "${speed:--}" "${edges:--}" "${memory:--}" "$result" >"$work/results/$target"
    [ "$status" = 0 ] || touch "$work/results/failed"
    echo "fuzz: $target: ${result%%$'\n'*}"
}
export -f one
export top work program seconds
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$jobs" bash -euo pipefail -c 'one "$1"' one

printf '%-14s %9s %7s %7s %5s  %s\n' target runs per-s edges MiB found
for target in "${targets[@]}"; do cat "$work/results/$target"; done
[ ! -e "$work/results/failed" ]
