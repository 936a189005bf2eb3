#!/usr/bin/env bash
# Formats C and C++ sources: tools/format.sh [--check] [file...]     (default: all of the repository)
# First comments wider than the limit are wrapped (clang-format would destroy their indent), then clang-format 14
# runs; once more each, because either can make a line of the other too wide.
set -euo pipefail
cd "$(dirname "$0")/.."

check=0
if [[ ${1:-} == --check ]]; then
    check=1
    shift
fi
tool=$(command -v clang-format-14 || true)
if [[ -z $tool ]]; then
    echo "clang-format-14 is not installed: run tools/bootstrap.sh test" >&2
    exit 1
fi
files=("$@")
if [[ ${#files[@]} -eq 0 ]]; then
    folders=()
    for folder in src include sim fuzz bench tests examples bindings; do
        [[ -d $folder ]] && folders+=("$folder")
    done
    mapfile -t files < <(find "${folders[@]}" -type f \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) | sort)
fi
[[ ${#files[@]} -eq 0 ]] && exit 0

if ((check)); then
    status=0
    python3 tools/wrap_comments.py --check "${files[@]}" || status=1
    printf '%s\0' "${files[@]}" | xargs -0 -n 20 -P "$(nproc)" "$tool" --style=file --dry-run -Werror 2>&1 |
        grep -E 'error:' | sort -u -t: -k1,1 | sed 's/:.*/: is not formatted (make format)/' || true
    if ! printf '%s\0' "${files[@]}" | xargs -0 -n 20 -P "$(nproc)" "$tool" --style=file --dry-run -Werror >/dev/null 2>&1; then
        status=1
    fi
    exit $status
fi
for _ in 1 2 3; do
    python3 tools/wrap_comments.py "${files[@]}"
    printf '%s\0' "${files[@]}" | xargs -0 -n 20 -P "$(nproc)" "$tool" --style=file -i
    python3 tools/wrap_comments.py --check "${files[@]}" >/dev/null && break
done
