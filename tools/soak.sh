#!/usr/bin/env bash
# make soak: random simulator seeds and kill loops of the real program until the time is over; the one with Kafka runs where
# `make test` has installed it.
# Ends at the first failure and prints the command that repeats it. The last line is a row for docs/soak.md.
#
#   tools/soak.sh [minutes]      SOAK_SEED: first simulator seed (default: from the clock)
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-60}
seed=${SOAK_SEED:-$(date +%s)}
first=$seed
batch=1000
kills=0

tools/build.sh release
sim=build/release/sabot-sim
if [[ ! -x $sim ]]; then
    echo "soak: the simulator is not built (sim/main.c)" >&2
    exit 1
fi
end=$((SECONDS + minutes * 60))
while ((SECONDS < end)); do
    if ! "$sim" --seed "$seed" --count "$batch"; then
        echo "soak: failed; repeat with: $sim --seed $seed --count $batch" >&2
        exit 1
    fi
    seed=$((seed + batch))
    if ! ctest --test-dir build/release -L '^crash$' --output-on-failure --no-tests=ignore >build/soak-crash.log 2>&1; then
        cat build/soak-crash.log >&2
        exit 1
    fi
    if [[ -x build/venv/bin/python && -e build/kafka/lib.done ]]; then
        # Every second round with three brokers.
        status=0
        build/venv/bin/python tests/kafka/kill_loop.py --sabot build/release/sabot --seed "$seed" --minutes 5 \
            --brokers $((kills % 2 == 0 ? 1 : 3)) --delete >build/soak-kafka.log 2>&1 || status=$?
        if ((status != 0 && status != 77)); then
            cat build/soak-kafka.log >&2
            exit 1
        fi
    fi
    kills=$((kills + 1))
done
printf '| %s | %s | %s min | %s | %s..%s | %s | no failure |\n' "$(date -u +%F)" \
    "$(git rev-parse --short HEAD 2>/dev/null || echo none)" "$minutes" "$((seed - first))" "$first" "$((seed - 1))" "$kills"
