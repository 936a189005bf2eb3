#!/bin/sh
# Check: every C and C++ source is as `make format` leaves it. A missing clang-format is a failure.
exec "$(dirname "$0")/format.sh" --check "$@"
