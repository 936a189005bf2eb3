#!/usr/bin/env bash
# make cov: runs the suites in the cov build and sums up gcov's lines and branches per folder of src/.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build.sh cov
find build/cov -name '*.gcda' -delete
ctest --test-dir build/cov -L '^(unit|fuzz|sql|integration)$' -j "$(nproc)" --output-on-failure
python3 tools/coverage_summary.py build/cov | tee build/cov/coverage.txt
