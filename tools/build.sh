#!/usr/bin/env bash
# Configures and builds one preset: tools/build.sh <preset> [cmake option...]
# Unit tests and benchmarks are left out where cmocka is not installed (make demo needs only the program).
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
options=("$@")
if pkg-config --exists cmocka; then
    options+=(-DSABOT_TESTS=ON)
else
    options+=(-DSABOT_TESTS=OFF)
fi
target=()
if [[ -n ${SABOT_TARGET:-} ]]; then
    target=(--target "$SABOT_TARGET")
fi
mkdir -p build
if ! cmake --preset "$preset" "${options[@]}" >"build/configure-$preset.log" 2>&1 </dev/null; then
    cat "build/configure-$preset.log" >&2
    exit 1
fi
cmake --build --preset "$preset" --parallel "$(nproc)" "${target[@]}"
