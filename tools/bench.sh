#!/usr/bin/env bash
# make bench: builds the release program, runs the micro benchmarks (bench/, src/**/*_bench.c) one after
# another, then all Nexmark queries. BENCH_EVENTS sets the number of events (default 10 million).
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build.sh release
for program in build/release/bench/*; do
    [[ -x $program && -f $program ]] || continue
    printf '\n== %s\n' "${program##*/}"
    "$program"
done
if [[ -x build/release/sabot ]]; then
    printf '\n== Nexmark\n'
    build/release/sabot bench nexmark -q all -n "${BENCH_EVENTS:-10000000}"
fi
