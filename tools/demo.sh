#!/usr/bin/env bash
# make demo: builds the release program, shows a windowed aggregation as it runs, then kills a file-to-file job twice and
# lets it go on, and compares its output with that of a run that nobody disturbed. DEMO_SABOT: a program that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${DEMO_SABOT:-} ]]; then
    SABOT_TARGET=sabot tools/build.sh release
    DEMO_SABOT=build/release/sabot
fi
sabot=$(realpath "$DEMO_SABOT")
scripts=$PWD/examples/demo
work=$(mktemp -d "${TMPDIR:-/tmp}/sabot-demo-XXXXXX")
job=
trap '[[ -n $job ]] && kill -9 "$job" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
[[ -t 1 ]] || say() { printf '\n== %s\n' "$*"; }
show() { printf '$ %s\n' "$*"; }

say "1. bids per channel, every two seconds (20,000 events a second; examples/demo/live.sql)"
show "sabot run live.sql"
"$sabot" run "$scripts/live.sql"

say "2. a million events into JSON files (examples/demo/make.sql)"
show "sabot run make.sql"
"$sabot" run "$scripts/make.sql"
du -sh bids | awk '{print $1 " of JSON lines in bids/"}'

say "3. counted into files, undisturbed (examples/demo/count.sql)"
mkdir undisturbed
ln -s ../bids undisturbed/bids
show "sabot run count.sql"
(cd undisturbed && "$sabot" run "$scripts/count.sql")
cat undisturbed/counts/part-* | sort >expected
echo "$(wc -l <expected) rows"

say "4. the same job with a state directory, killed with SIGKILL, twice"
mkdir killed
ln -s ../bids killed/bids
cd killed
checkpoints() { find state -path '*chk-*' -name manifest 2>/dev/null | wc -l; }
run_it=("$sabot" run "$scripts/count.sql" --state state --set 'execution.checkpointing.interval=20 ms')
for round in 1 2; do
    show "sabot run count.sql --state state &   kill -9 \$!"
    before=$(ls state/job-1 2>/dev/null | grep chk- | tail -n 1 || true)
    "${run_it[@]}" &
    job=$!
    while kill -0 "$job" 2>/dev/null; do # until there is a checkpoint that was not there before
        newest=$(ls state/job-1 2>/dev/null | grep chk- | tail -n 1 || true)
        [[ -n $newest && $newest != "$before" ]] && break
        sleep 0.01
    done
    sleep 0.05
    if kill -9 "$job" 2>/dev/null; then
        wait "$job" 2>/dev/null || true
        echo "killed (round $round); finished files so far: $(find counts -name 'part-*' 2>/dev/null | wc -l), checkpoints kept: $(checkpoints)"
    else
        wait "$job" || true
        echo "it was faster than the kill (round $round)"
    fi
done
show "sabot run count.sql --state state"
"${run_it[@]}"
job=
cd ..
cat killed/counts/part-* | sort >got

say "5. is the output the same?"
if cmp -s expected got; then
    echo "yes: $(wc -l <got) rows in both, none lost, none twice"
else
    echo "NO: $(wc -l <expected) rows expected, $(wc -l <got) found"
    diff expected got | head -n 5
    exit 1
fi
