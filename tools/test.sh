#!/usr/bin/env bash
# Runs the test suites and sums them up.
#
#   tools/test.sh              everything, as CI does
#   tools/test.sh <row>...     only these rows, for example: check unit asan
#
# A row is a suite: a name, the preset it is built with, the ctest labels it runs. A preset is built when its
# first suite comes; a build that fails counts as one failed test of each suite that needs it and the rest goes
# on. The last line is `N passed, N failed, N skipped`. Exit code 1 if a test failed, or was skipped without a
# line in tests/allowed-skips.txt.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

#      name         preset   labels
rows=(
    "check          dev      check"
    "unit           dev      unit|fuzz"
    "sql            dev      sql"
    "oracle         dev      oracle"
    "integration    release  integration"
    "sim            release  sim"
    "crash          release  crash"
    "kafka          release  kafka"
    "release        release  docs|package"
    "asan           asan     unit|fuzz|sql|integration"
    "tsan           tsan     unit|integration"
)
fuzz_row="fuzz      fuzz     fuzz"
needs_tests="check unit" # a suite here must not be empty

suite_limit_s=${SABOT_SUITE_LIMIT_S:-1200} # beyond this a suite is killed and counts as failed
results=$PWD/build/results
jobs=$(nproc)
mkdir -p "$results"
rm -f "$results"/*.xml "$results"/*.time "$results"/*.log "$results"/broken
export CMOCKA_MESSAGE_OUTPUT=STDOUT

selected=("$@")
wanted() {
    local one
    [[ ${#selected[@]} -eq 0 ]] && return 0
    for one in "${selected[@]}"; do
        [[ $one == "$1" ]] && return 0
    done
    return 1
}
if [[ " $* " == *" fuzz "* ]]; then
    rows=("$fuzz_row")
fi

# The thread sanitizer of gcc 12 cannot map its shadow where the kernel randomises too many bits.
no_aslr=()
if setarch "$(uname -m)" -R true 2>/dev/null; then
    no_aslr=(setarch "$(uname -m)" -R)
fi

declare -A built # preset -> ok | failed
configure() {
    local options=(-DSABOT_WERROR=ON -DSABOT_TESTS=ON)
    [[ $1 == fuzz ]] && options+=("-DSABOT_FUZZ_SECONDS=${SABOT_FUZZ_SECONDS:-60}")
    cmake --preset "$1" "${options[@]}" >"$results/configure-$1.log" 2>&1 </dev/null && return 0
    cat "$results/configure-$1.log"
    return 1
}
build() { # sets built[$1]; the checks need only a configured tree
    local preset=$1 begin=$SECONDS
    [[ -n ${built[$preset]:-} ]] && return
    printf '\n== build %s\n' "$preset"
    if cmake --build --preset "$preset" --parallel "$jobs" -- -k 0 >"$results/build-$preset.log" 2>&1 </dev/null; then
        built[$preset]=ok
    else
        built[$preset]=failed
        grep -E -A6 'error:|FAILED:|undefined reference|warning:' "$results/build-$preset.log" | head -n 80
        printf 'the whole log: build/results/build-%s.log\n' "$preset"
    fi
    echo "$((SECONDS - begin))" >"$results/build-$preset.time"
    order+=("build-$preset")
}

declare -A configured
order=()
for row in "${rows[@]}"; do
    read -r name preset labels <<<"$row"
    wanted "$name" || continue
    if [[ -z ${configured[$preset]:-} ]]; then
        configured[$preset]=ok
        configure "$preset" || configured[$preset]=failed
    fi
    if [[ ${configured[$preset]} == failed ]]; then
        echo "$name: cmake --preset $preset fails" >>"$results/broken"
        order+=("$name")
        continue
    fi
    if [[ $labels != check ]]; then
        build "$preset"
        if [[ ${built[$preset]} == failed ]]; then
            echo "$name: the build $preset fails" >>"$results/broken"
            order+=("$name")
            continue
        fi
    fi
    order+=("$name")
    printf '\n== %s\n' "$name"
    begin=$SECONDS
    none=--no-tests=ignore
    [[ " $needs_tests " == *" $name "* ]] && none=--no-tests=error
    wrap=()
    [[ $preset == tsan ]] && wrap=("${no_aslr[@]}")
    timeout -k 30 "$suite_limit_s" "${wrap[@]}" ctest --test-dir "build/$preset" -L "^($labels)\$" -j "$jobs" \
        --output-on-failure $none --output-junit "$results/$name.xml" </dev/null >"$results/$name.log" 2>&1
    status=$?
    # The whole log when something failed, else only what was slow.
    if ((status != 0)); then
        grep -vE '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test.*Passed)' "$results/$name.log"
    else
        grep -E 'tests passed|No tests' "$results/$name.log"
    fi
    if ((status == 124 || status == 137)); then
        echo "$name: stopped after $suite_limit_s s" >>"$results/broken"
    elif ((status != 0)) && { [[ ! -s $results/$name.xml ]] || ! grep -q '<testcase' "$results/$name.xml"; }; then
        echo "$name: ctest gave no result (exit code $status)" >>"$results/broken"
    fi
    echo "$((SECONDS - begin))" >"$results/$name.time"
done

if [[ ${#order[@]} -eq 0 ]]; then
    echo "no such suite: ${selected[*]}" >&2
    exit 2
fi
exec python3 tools/test_summary.py "$results" tests/allowed-skips.txt "${order[@]}"
