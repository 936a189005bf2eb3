#!/usr/bin/env bash
# make bench: builds the release program, runs the micro benchmarks (bench/, src/**/*_bench.c) one after
# another, start-up, JSON lines, planning and two workers, then all Nexmark queries, or with BENCH_FLOOR=PROGRAM each in pairs
# with the hand-written one. BENCH_EVENTS sets the number of events (default 10 million).
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build.sh release
for program in build/release/bench/*; do
    [[ -x $program && -f $program ]] || continue
    printf '\n== %s\n' "${program##*/}"
    "$program"
done
if [[ -x build/release/sabot ]]; then
    printf '\n== start-up, JSON lines and CSV, two workers\n'
    bench/startup.py
    bench/lines.py
    printf '\n== parsing and planning\n'
    bench/plan.py
    if build/venv/bin/python -c 'import duckdb, pyarrow' 2>/dev/null; then
        printf '\n== functions\n'
        build/venv/bin/python bench/functions.py
    fi
    bench/workers.py -n "${BENCH_EVENTS:-10000000}"
    printf '\n== Nexmark\n'
fi
if [[ -x build/release/sabot && -n ${BENCH_FLOOR:-} ]]; then
    bench/pairs.py --floor "$BENCH_FLOOR" -n "${BENCH_EVENTS:-10000000}" --prefault 500mb
elif [[ -x build/release/sabot ]]; then
    build/release/sabot bench nexmark -q all -n "${BENCH_EVENTS:-10000000}"
fi
