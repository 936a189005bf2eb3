#!/usr/bin/env python3
"""Everything but SIGKILL that happens to a job and its state directory, done to the real program.

Each case lets a job run until it has checkpoints behind it and input before it, does something to it, and looks at what the
program says (exit code, message with the name of the file) and at what is published. Then the cause is taken away and the job must
end with the rows of an undisturbed run; what this last start read was pending when the fault came.

    damage      each kind of file in the state directory and each pending file of the sink: bytes turned over, cut, removed
    stopped     SIGSTOP for seconds while a second copy is started, SIGCONT; and SIGKILL while stopped
    full        no space for the state, no space for the results (a small tmpfs, else a limit of the file size)
    readonly    the state directory cannot be written
    another     the state directory of another query
    two         several copies started at the same moment

    faults.py --sabot PATH [--case NAME]... [--job NAME]...
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import kill_loop

SLOW = 10 if os.environ.get("SABOT_SANITIZE", "none") != "none" else 1


class Wrong(Exception):
    pass


def demand(condition, what):
    if not condition:
        raise Wrong(what)


class Bench:
    """One job in a folder of its own."""

    def __init__(self, args, base, name, folder):
        self.args, self.base, self.name, self.folder = args, base, name, folder
        os.makedirs(folder, exist_ok=True)
        for table in ("events", "changes"):
            os.symlink(os.path.join(base, table), os.path.join(folder, table))
        self.sql = kill_loop.script(folder, name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *extra, sql=None, **kwargs):
        command = [self.args.sabot, "run", sql or self.sql, "--state", "state", "--json", "--set", "execution.checkpointing.interval=10 ms",
                   "--set", "execution.batch-rows=16", *extra]
        kwargs.setdefault("cwd", self.folder)
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kwargs)

    def wait_for_checkpoints(self, process, count):
        """Until there is checkpoint `count`, and a file that waits for its publication."""
        end = time.monotonic() + 60 * SLOW
        while process.poll() is None and time.monotonic() < end:
            job, out = self.path("state/job-1"), self.path("out")
            if os.path.isdir(job) and os.path.isdir(out):
                chk = [int(n[4:]) for n in os.listdir(job) if n.startswith("chk-") and os.path.exists(os.path.join(job, n, "manifest"))]
                if chk and max(chk) >= count and any(n[0] == "." for n in os.listdir(out)):
                    return
            time.sleep(0.002)
        raise Wrong(f"no checkpoint {count}: " + process.stderr.read() if process.poll() is not None else "too slow")

    def interrupted(self, count=4):
        """Runs it until checkpoint `count` and kills it."""
        process = self.start()
        self.wait_for_checkpoints(process, count)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        demand(process.returncode == -signal.SIGKILL, "the job ended before the fault")

    def visible(self):
        """Published files with their content."""
        found = {}
        for name in os.listdir(self.path("out")) if os.path.isdir(self.path("out")) else []:
            if name[0] not in "._":
                with open(self.path(os.path.join("out", name)), "rb") as file:
                    found[name] = file.read()
        return found

    def refused(self, process, *words):
        """It must end with an error that has all the words, on stderr only."""
        out, err = process.communicate(timeout=120 * SLOW)
        demand(process.returncode == 1, f"exit {process.returncode} instead of 1: {out} {err}")
        demand(out == "" and "error" in err, f"no message, or output: {out} {err}")
        for word in words:
            demand(re.search(word, err), f'the message does not say "{word}": {err}')
        return err

    def ends_well(self, expected, resumes=True, process=None):
        """To the end: right rows, nothing left behind; the input that was left is read now."""
        process = process or self.start()
        out, err = process.communicate(timeout=300 * SLOW)
        demand(process.returncode == 0, f"exit {process.returncode}: {err}")
        job = json.loads(out)["job"]
        if resumes:
            demand("resumed from checkpoint" in err, f"it did not resume: {err}")
        demand(job["rows_in"] > 0, "no input was pending")
        got = kill_loop.published(self.folder)
        missing, extra = expected - got, got - expected
        demand(got == expected, f"{sum(missing.values())} rows missing, {sum(extra.values())} too many: {list((missing + extra).items())[:3]}")
        left = [n for n in os.listdir(self.path("out")) if n[0] in "._"]
        demand(not left, f"left behind {left[:3]}")
        folders = [n for n in os.listdir(self.path("state/job-1")) if n.startswith("chk-")]
        demand(len(folders) == 1 or job["restarts"] > 0, f"folders of checkpoints left behind: {folders[:4]}")
        return job


# ---- damage ------------------------------------------------------------------------------------------

def turn_over(path, at):
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        file.seek(min(max(0, size - 1), int(size * at)))
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0x40]))


DAMAGES = {
    "first byte": lambda path: turn_over(path, 0),
    "a byte in the middle": lambda path: turn_over(path, 0.5),
    "last byte": lambda path: turn_over(path, 1),
    "cut in half": lambda path: os.truncate(path, os.path.getsize(path) // 2),
    "emptied": lambda path: os.truncate(path, 0),
    "removed": os.remove,
}


def kinds_of_files(bench):
    """kind -> files, as a killed job left them."""
    found = {}
    for base, _, names in os.walk(bench.path("state")):
        for name in names:
            path = os.path.relpath(os.path.join(base, name), bench.folder)
            if ".tmp-" not in name and os.path.getsize(bench.path(path)):
                kind = name if name in ("manifest", "LOCK", "sabot-state") else os.path.relpath(base, bench.path("state/job-1")).split("/")[0]
                found.setdefault(kind, []).append(path)
    for name in os.listdir(bench.path("out")):
        if name[0] == "." and os.path.getsize(bench.path("out/" + name)):
            found.setdefault("pending result", []).append("out/" + name)
    return found


def damaged_start(bench, damage, path, expected):
    """True: it was refused as it must be. False: the damage did not matter, and the result is right."""
    DAMAGES[damage](bench.path(path))
    before = bench.visible()
    process = bench.start()
    out, err = process.communicate(timeout=300 * SLOW)
    if process.returncode == 0:
        got = kill_loop.published(bench.folder)
        demand(got == expected, f"exit 0 with a wrong result: {sum((got - expected).values())} too many, {sum((expected - got).values())} missing")
        return False
    demand(process.returncode == 1 and out == "", f"exit {process.returncode}: {out} {err}")
    name = os.path.basename(path)
    name = "chk-" + path.split("chk-")[1].split("/")[0] if name == "manifest" else name.replace(".inprogress", "").lstrip(".")
    name = "decided" if name.startswith("chk-") and damage == "removed" else name
    name = "is no state directory" if name == "sabot-state" and not os.path.exists(bench.path(path)) else name
    demand(name in err, f"the message does not name the file: {err}")
    after = bench.visible()
    demand(all(after.get(n) == content for n, content in before.items()), "published files have changed")
    # What it published before it saw the damage was decided: it is a part of the right result.
    return True


def damage_kind(bench, expected, fresh, paths):
    """How often damage of these files, which a killed job left, was refused."""
    refused = 0
    for damage in DAMAGES:
        for path in sorted(paths, key=lambda p: -os.path.getsize(bench.path(p)))[:2]:
            copy = fresh()
            for part in ("state", "out"):
                shutil.copytree(bench.path(part), copy.path(part))
            try:
                refused += damaged_start(copy, damage, path, expected)
            except Wrong as wrong:
                raise Wrong(f"{path}, {damage}: {wrong}") from None
            shutil.rmtree(copy.folder)
    return refused


def damage_case(bench, expected, fresh):
    bench.interrupted()
    kinds = kinds_of_files(bench)
    demand("manifest" in kinds and (bench.name == "stateless" or "state" in kinds), f"kinds of files: {sorted(kinds)}")
    refused = {kind: damage_kind(bench, expected, fresh, paths) for kind, paths in kinds.items()}
    # There may be no pending file: it was published just before the kill. One matters only if it belongs to the checkpoint: not if the job
    # was killed just after it began it.
    refused.setdefault("pending result", 0)
    for _ in range(10):
        if refused["pending result"] >= 2:
            break
        other = fresh()
        other.interrupted()
        refused["pending result"] += damage_kind(other, expected, fresh, kinds_of_files(other).get("pending result", []))
        shutil.rmtree(other.folder)
    for kind in ("manifest", "pending result", "state"):
        least = 2 if kind == "pending result" else 5
        demand(kind not in refused or refused[kind] >= least, f"damage of a {kind} was refused {refused.get(kind, 0)} times only")
    bench.ends_well(expected)
    return f"refused {refused}"


# ---- the others --------------------------------------------------------------------------------------

def stop(process):
    """SIGSTOP, and until each thread has stopped: one may be within a system call, which it ends first."""
    process.send_signal(signal.SIGSTOP)
    tasks = f"/proc/{process.pid}/task"
    for _ in range(1000):
        states = []
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/stat", encoding="utf-8") as file:
                states.append(file.read().rsplit(")", 1)[1].split()[0])
        if set(states) == {"T"}:
            return
        time.sleep(0.01)
    raise Wrong(f"it does not stop: {states}")


def stopped_case(bench, expected, fresh):
    process = bench.start()
    bench.wait_for_checkpoints(process, 3)
    stop(process)
    before = bench.visible()
    time.sleep(2)
    bench.refused(bench.start(), "state/job-1", "another process|in use|locked|held")
    demand(bench.visible() == before, "something was published by a stopped process, or by the second copy")
    demand(process.poll() is None, "the job ended before the fault")
    process.send_signal(signal.SIGCONT)
    bench.ends_well(expected, resumes=False, process=process)

    other = fresh()
    process = other.start()
    other.wait_for_checkpoints(process, 3)
    stop(process)
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    other.ends_well(expected)
    return ""


def can_mount(folder):
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode == 0:
        subprocess.run(["umount", folder], check=True)
    return done.returncode == 0


def full_tmpfs(bench, expected, part):
    """A file system that becomes full while the job runs."""
    os.makedirs(bench.path(part), exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", bench.path(part)], check=True)
    try:
        bench.refused(bench.start("--set", "restart-strategy.type=none"), "No space left on device", part)
        before = bench.visible()
        # With restarts it waits for space, and goes on when there is some.
        process = bench.start("--set", "restart-strategy.type=fixed-delay", "--set", "restart-strategy.fixed-delay.attempts=1000",
                              "--set", "restart-strategy.fixed-delay.delay=100 ms")
        time.sleep(1)
        demand(process.poll() is None, f"it did not wait for space: {process.stderr.read() if process.poll() is not None else ''}")
        after = bench.visible()
        demand(all(after.get(n) == content for n, content in before.items()), "published files have changed")
        subprocess.run(["mount", "-o", "remount,size=512m", bench.path(part)], check=True)
        job = bench.ends_well(expected, resumes=False, process=process)
        demand(job["restarts"] > 0, "no restart")
    finally:
        subprocess.run(["umount", "-l", bench.path(part)], check=True)


def full_case(bench, expected, fresh):
    def limited():
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    # Python ignores SIGXFSZ, and so does the program then: write() fails with EFBIG.
    bench.refused(bench.start("--set", "restart-strategy.type=none", preexec_fn=limited, restore_signals=False), "File too large", "state|out")
    bench.ends_well(expected, resumes=False)
    if not can_mount(bench.path("probe")):
        return "EFBIG only: no mounts here"
    for part in ("state", "out"):
        if part == "out" or bench.name != "stateless":
            full_tmpfs(fresh(), expected, part)
    return "EFBIG, ENOSPC"


def readonly_case(bench, expected, fresh):
    bench.interrupted()
    if can_mount(bench.path("probe")):
        subprocess.run(["mount", "--bind", bench.path("state"), bench.path("state")], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", bench.path("state")], check=True)
            bench.refused(bench.start(), "state/job-1", "Read-only file system")
        finally:
            subprocess.run(["umount", bench.path("state")], check=True)
    elif os.geteuid() != 0:
        for base, folders, _ in os.walk(bench.path("state")):
            os.chmod(base, 0o555)
        bench.refused(bench.start(), "state/job-1", "Permission denied")
        for base, folders, _ in os.walk(bench.path("state"), topdown=True):
            os.chmod(base, 0o755)
    else:
        return "not tried: root, and no mounts here"
    bench.ends_well(expected)
    return ""


def another_case(bench, expected, fresh):
    bench.interrupted()
    before = bench.visible()
    changed = bench.path("changed.sql")
    with open(bench.sql, encoding="utf-8") as file:
        text = file.read()
    changes = [("'out'", "'elsewhere'", "elsewhere")]
    if bench.name != "stateless":
        changes.append(("COUNT(*)", "3 + COUNT(*)", r"3 \+ "))
    if "SELECT k, " in text:
        changes.append(("SELECT k, ", "SELECT k + 1, ", r"k \+ 1"))
    if "GROUP BY k" in text and "window" not in text:
        changes.append(("MAX(v)", "MIN(v)", r"MIN\(v\)"))
    for old, new, word in changes:
        demand(old in text, f"{old} is not in the query")
        with open(changed, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new, 1))
        err = bench.refused(bench.start(sql="changed.sql"), "state/job-1", "another query", word)
        lines = [line for line in err.splitlines() if line[:2] in ("- ", "+ ")]
        demand(len({line[2:] for line in lines}) == len(lines), f"the difference has equal lines: {err}")
        demand("run the same statements again" in err, f"no hint: {err}")
    demand(bench.visible() == before, "a refused start changed published files")
    bench.ends_well(expected)
    return ""


def two_case(bench, expected, fresh):
    bench.interrupted()
    processes = [bench.start() for _ in range(4)]
    done = [(p, *p.communicate(timeout=300 * SLOW)) for p in processes]
    winners = [d for d in done if d[0].returncode == 0 and json.loads(d[1])["job"]["rows_in"] > 0]
    losers = [d for d in done if d[0].returncode != 0]
    for p, out, err in losers:
        demand(p.returncode == 1 and "state/job-1" in err and out == "", f"exit {p.returncode}: {err}")
    demand(len(winners) == 1 and losers, f"{len(winners)} had input to read, {len(losers)} were refused")
    got = kill_loop.published(bench.folder)
    demand(got == expected, "wrong result")
    return f"{len(losers)} refused"


CASES = {"damage": damage_case, "stopped": stopped_case, "full": full_case, "readonly": readonly_case, "another": another_case, "two": two_case}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--rows", type=int, default=160000)
    parser.add_argument("--case", action="append")
    parser.add_argument("--job", action="append")
    args = parser.parse_args()
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as base:
        kill_loop.make_inputs(base, args.rows, 1)
        loop = kill_loop.Loop(args, base, random.Random(1))
        for name in args.job or ["window", "group", "join", "stateless"]:
            expected = loop.undisturbed(name)
            demand(len(expected) > 500, f"{name}: {len(expected)} rows only")
            for case in args.case or list(CASES):
                with tempfile.TemporaryDirectory() as folder:
                    count = 0

                    def fresh():
                        nonlocal count
                        count += 1
                        return Bench(args, base, name, os.path.join(folder, str(count)))

                    begin = time.monotonic()
                    try:
                        what, ok = CASES[case](fresh(), expected, fresh), True
                    except (Wrong, subprocess.TimeoutExpired) as wrong:
                        what, ok = str(wrong), False
                passed, failed = passed + ok, failed + (not ok)
                print(f"{'ok  ' if ok else 'FAIL'} {name} {case}: {time.monotonic() - begin:.1f} s {what}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
