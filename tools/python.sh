#!/bin/sh
# Runs Python for a test: $SABOT_PYTHON, else the test environment in build/venv, else python3.
root=$(cd "$(dirname "$0")/.." && pwd)
if [ -n "${SABOT_PYTHON:-}" ]; then
    exec "$SABOT_PYTHON" "$@"
elif [ -x "$root/build/venv/bin/python" ]; then
    exec "$root/build/venv/bin/python" "$@"
fi
exec python3 "$@"
