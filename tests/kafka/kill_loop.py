#!/usr/bin/env python3
"""Kills jobs that copy from Kafka to Kafka under load, in every way we know, and counts what came out.

Four jobs (stateless, window, join, and one into Kafka and files) run at once with exactly-once sinks while a producer feeds
a known sequence. Faults hit them: SIGKILL at random instants and at named points (SABOT_CRASH_AT), a broker killed and started
again, SIGSTOP beyond the transaction timeout, two copies of a job, more partitions, a full disk; --delete takes away a topic. A fault counts only when the job has
committed output since the last one and input is pending. At the end a read_committed reader must see each result exactly
once, as computed here from the sequence, the files must agree, and no transaction may be open.

    kill_loop.py --sabot PATH [--minutes M] [--faults N] [--seed S] [--job NAME]... [--fault NAME]... [--brokers 1|3]
    kill_loop.py --self-test       the loop against a stand-in that is right and two that are wrong
"""
import argparse
import collections
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

import broker

broker.require()

from confluent_kafka import KafkaException  # noqa: E402

import java_tools  # noqa: E402
from client import COMMITTED, UNCOMMITTED, Client  # noqa: E402
from feeder import Feeder  # noqa: E402
from loop_jobs import INPUTS, JOBS, as_row, read_files  # noqa: E402
from probe import has_kafka  # noqa: E402

KAFKA_POINTS = ["kafka-flush-before", "kafka-flush-after", "kafka-offsets-before", "kafka-offsets-after", "kafka-commit-before", "kafka-commit-after"]
POINTS = ["manifest-before", "manifest-after", *KAFKA_POINTS]
FILE_POINTS = ["sink-publish-before", "sink-publish-after", "file-rename"]
PLAIN_FAULTS = ["kill", "broker", "stop", "twice", "grow", "full"]
# Longer than a broker is gone, start included: a lone broker of Kafka 4.3.1 that aborts a timed out transaction while it starts may
# leave out the marker, and the records count as committed with the next transaction. With three brokers that cannot be.
TRANSACTION_TIMEOUT_MS = 20000
STUCK_S = 90  # a job that commits nothing for so long, with input pending, is stuck
PATIENCE = 20    # so often may a job give up, while a broker is gone, before it writes again
BAD_SIGNALS = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE}


class Failure(Exception):
    """A job did what it must not; ends the loop."""


class Runner:
    """One job: its process, its folder, and how far its output has come."""

    def __init__(self, loop, job):
        self.loop, self.job, self.name = loop, job, job.name
        self.folder = os.path.join(loop.folder, job.name)
        self.state = os.path.join(self.folder, "state")
        self.topic = f"out-{job.name}"
        self.process, self.log = None, os.path.join(self.folder, "log")
        self.mark = 0            # committed end of the output at the last fault
        self.exits = collections.Counter()
        self.failed = 0          # ends by an error since the last output
        os.makedirs(self.state)
        with open(os.path.join(self.folder, "job.sql"), "w", encoding="utf-8") as file:
            file.write(job.sql(loop.cluster.bootstrap, TRANSACTION_TIMEOUT_MS))

    def start(self, point=None):
        self.process = self.spawn(self.log, point)

    def spawn(self, log, point=None):
        env = dict(os.environ, TZ="UTC")
        env.pop("SABOT_CRASH_AT", None)
        if point:
            env["SABOT_CRASH_AT"] = point
        command = [*self.loop.program, "run", "job.sql", "--state", "state", *self.loop.options]
        with open(log, "ab") as file:
            return broker.spawn(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()

    def look(self, excused=False):
        """Starts the job again if it ended. Excused: a fault may have ended it, by an error, not by a crash."""
        if self.is_running():
            return
        code = self.process.returncode if self.process is not None else -signal.SIGKILL
        self.exits[code] += 1
        if -code in BAD_SIGNALS:
            raise Failure(f"{self.name}: died of signal {-code}:\n{broker.tail(self.log)}")
        if code == 0 or code > 0 and not excused:
            raise Failure(f"{self.name}: ended with {code} though nothing was done to it:\n{broker.tail(self.log)}")
        self.failed += code > 0
        if self.failed > PATIENCE:
            raise Failure(f"{self.name}: ended {self.failed} times with an error and wrote nothing:\n{broker.tail(self.log)}")
        if code > 0:
            time.sleep(1)
        self.start()

    def committed(self):
        return sum(self.loop.client.end_offsets(self.topic, COMMITTED).values())

    def wait_progress(self):
        """Until output was committed since the last fault. Says how long nothing came if it does not."""
        deadline = time.monotonic() + STUCK_S
        while True:
            self.look(excused=True)
            now = self.committed()
            if now > self.mark:
                self.mark, self.failed = now, 0
                return
            if time.monotonic() > deadline:
                raise Failure(f"{self.name}: no output for {STUCK_S} s, input pending:\n{broker.tail(self.log)}")
            time.sleep(0.1)


class Loop:
    def __init__(self, args, program, options, rng):
        self.args, self.program, self.options, self.rng = args, program, options, rng
        self.folder = broker.scratch("loop")
        self.cluster = broker.Cluster(brokers=args.brokers)
        self.client, self.feeder = None, None
        self.runners = []
        self.partitions = dict(INPUTS)
        self.hits = collections.Counter()
        self.missed = collections.Counter()
        self.mounted = []
        self.round = 0         # faults until each kind had its turn
        self.doubtful = False  # the only broker was away too long to be trusted with open transactions

    # ---- faults: each gives the name it counts under, or None if it did not hit -----------------------
    def fault_kill(self, runner):
        time.sleep(self.rng.uniform(0, 1.0))
        runner.kill()
        return "kill"

    def fault_point(self, runner, point):
        runner.kill()
        runner.start(f"{point}:{self.rng.randrange(1, 4)}")
        try:
            runner.process.wait(30)
        except subprocess.TimeoutExpired:
            return None
        if runner.process.returncode != -signal.SIGKILL:
            runner.look()  # raises: it should have died there
        return point

    def fault_broker(self, _):
        # One after the other: leaders and the coordinators of groups and transactions are among them.
        victim = self.cluster.brokers[self.hits["broker"] % len(self.cluster.brokers)]
        victim.kill()
        gone = time.monotonic()
        time.sleep(self.rng.uniform(0.1, 2.0))
        self.cluster.restart(victim)
        gone = time.monotonic() - gone
        if len(self.cluster.brokers) == 1 and gone * 1000 > TRANSACTION_TIMEOUT_MS:
            self.doubtful = True
            print(f"warning: the broker was gone for {gone:.0f} s, longer than the transaction timeout", flush=True)
        return "broker"

    def fault_stop(self, runner):
        """The broker ends the transaction of a stopped job, or a copy takes over, before it goes on."""
        self.check_running(runner)
        runner.process.send_signal(signal.SIGSTOP)
        time.sleep(TRANSACTION_TIMEOUT_MS / 1000 + 1.5)
        runner.process.send_signal(signal.SIGCONT)
        time.sleep(1)
        return "stop"

    def fault_twice(self, runner):
        """A second copy on the same state: one of the two must give up, and neither may write twice."""
        self.check_running(runner)
        if self.rng.random() < 0.5:
            second = runner.spawn(runner.log)
            time.sleep(self.rng.uniform(1, 4))
        else:  # the first one is asleep when the second comes, and wakes up as a zombie
            runner.process.send_signal(signal.SIGSTOP)
            second = runner.spawn(runner.log)
            time.sleep(self.rng.uniform(2, 6))
            runner.process.send_signal(signal.SIGCONT)
            time.sleep(2)
        for process in (second, runner.process):
            if process.poll() is None:
                process.kill()
            process.wait()
            if -process.returncode in BAD_SIGNALS or process.returncode == 0:
                raise Failure(f"{runner.name}: one of two copies ended with {process.returncode}:\n{broker.tail(runner.log)}")
        return "twice"

    def fault_grow(self, runner):
        topic = runner.job.inputs[0]
        if not runner.job.grows or self.partitions[topic] >= INPUTS[topic] + 3:
            return None
        self.partitions[topic] += 1
        self.client.add_partitions(topic, self.partitions[topic])
        self.feeder.grow(topic, self.partitions[topic])
        return "grow"

    def fault_full(self, runner):
        """No byte can be written to the state for a while: a full tmpfs, or a limit on the size of files."""
        self.check_running(runner)
        if runner.state in self.mounted:
            room = shutil.disk_usage(runner.state)
            if room.used > room.total / 2:
                raise Failure(f"{runner.name}: its state has {room.used} bytes")
            filler = os.path.join(runner.state, "filler")
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
            time.sleep(3)
            os.remove(filler)
        else:
            old = resource.prlimit(runner.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(runner.process.pid, resource.RLIMIT_FSIZE, (512, old[1]))
            time.sleep(3)
            if runner.is_running():
                resource.prlimit(runner.process.pid, resource.RLIMIT_FSIZE, old)
        return "full"

    @staticmethod
    def check_running(runner):
        runner.look(excused=True)

    def delete_topics(self):
        """A job whose output, then one whose input is deleted: it gives up with an error or waits, but neither crashes nor ends well."""
        for victim in ("out-deleted", "deleted"):
            for topic in ("deleted", "out-deleted"):
                if topic not in self.client.topics():
                    self.client.create_topic(topic, 1)
            job = JOBS["stateless"]._replace(name="deleted-" + victim, files=False)
            runner = Runner(self, job)
            runner.topic = "out-deleted"
            path = os.path.join(runner.folder, "job.sql")
            text = job.sql(self.cluster.bootstrap, TRANSACTION_TIMEOUT_MS)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("'topic' = 'a'", "'topic' = 'deleted'").replace("'out-stateless'", "'out-deleted'")
                           .replace("'loop-stateless'", f"'loop-{job.name}'").replace("'loop-a'", f"'loop-{job.name}'"))
            feeder = Feeder(self.client, {"deleted": 1}, 200)
            feeder.start()
            runner.start()
            try:
                runner.wait_progress()
                self.client.delete_topic(victim)
                try:
                    code = runner.process.wait(40)
                except subprocess.TimeoutExpired:
                    code = None  # it waits for the topic to come back, as a consumer may
                said = broker.tail(runner.log)
                if code is not None and (code <= 0 or victim not in said):
                    raise Failure(f"{job.name}: ended with {code} after {victim} was deleted:\n{said}")
                self.hits["delete"] += 1
            finally:
                runner.kill()
                feeder._end.set()
                feeder.join()
                feeder.producer.purge()

    # ---- the loop -----------------------------------------------------------------------------------
    def mount(self, runner):
        """A small disk of its own for the state, where the machine allows it."""
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "sabot-test", runner.state], capture_output=True)
        if done.returncode == 0:
            self.mounted.append(runner.state)

    def plan(self):
        """Every fault once in a random order, again and again."""
        wanted = [(name, None) for name in self.args.fault or self.args.plain_faults if name in PLAIN_FAULTS]
        jobs = [runner.job for runner in self.runners]
        points = [p for p in self.args.points if p not in FILE_POINTS or any(job.files for job in jobs)]
        if self.args.fault:
            points = [p for p in points if p in self.args.fault]
        wanted += [("point", point) for point in points]
        self.round = len(wanted)
        while wanted:
            batch = list(wanted)
            self.rng.shuffle(batch)
            yield from batch

    def choose(self, name, point):
        able = [r for r in self.runners if (name != "grow" or r.job.grows) and (point not in FILE_POINTS or r.job.files)]
        return self.rng.choice(able) if able else None

    def one(self, name, point):
        runner = self.choose(name, point)
        if runner is None:
            return
        runner.wait_progress()
        if not self.feeder.is_alive() or self.feeder.problem:
            raise Failure(f"the producer stopped: {self.feeder.problem}")
        before = self.feeder.delivered
        hit = self.fault_point(runner, point) if point else getattr(self, "fault_" + name)(runner)
        deadline = time.monotonic() + 30
        while hit and self.feeder.delivered == before:  # load went on; after a broker's death it takes a while
            if time.monotonic() > deadline:
                raise Failure(f"{name}: the producer wrote nothing for 30 s")
            time.sleep(0.05)
        if hit:
            self.hits[hit] += 1
        else:
            self.missed[point or name] += 1
        for each in self.runners:
            each.look(excused=True)
        if self.args.verbose:
            print(f"{time.monotonic() - self.begin:6.1f} s {runner.name}: {hit or 'not hit: ' + (point or name)}, {self.feeder.count} rows fed", flush=True)

    def run(self):
        args, end = self.args, None
        with self.cluster:
            self.client = Client(self.cluster.bootstrap)
            for topic, partitions in INPUTS.items():
                self.client.create_topic(topic, partitions)
            for name in args.job or list(JOBS):
                self.client.create_topic(f"out-{name}", 2)
                self.runners.append(Runner(self, JOBS[name]))
                if "full" in (args.fault or args.plain_faults):
                    self.mount(self.runners[-1])
                self.runners[-1].start()
            self.feeder = Feeder(self.client, INPUTS, args.rate)
            self.feeder.start()
            self.begin = time.monotonic()
            end = self.begin + args.minutes * 60
            for number, (name, point) in enumerate(self.plan()):
                over = time.monotonic() - end
                if args.required and number < self.round:
                    over -= args.minutes * 60  # a slow machine gets twice the time for the first of each kind
                if over > 0 or args.faults and sum(self.hits.values()) >= args.faults:
                    break
                self.one(name, point)
            self.finish()
            if args.delete:
                self.delete_topics()

    def finish(self):
        count = self.feeder.finish()
        if self.feeder.problem:
            raise Failure(f"the producer failed: {self.feeder.problem}")
        for topic in {t for r in self.runners for t in r.job.inputs}:
            ids = sorted(json.loads(r["value"])["id"] for r in self.client.read(topic, UNCOMMITTED, timeout_s=120))
            if ids[-count:] != list(range(count)) or set(ids[:-count]) != {-1}:
                raise Failure(f"the input {topic} is not the sequence: {len(ids)} rows, {count} fed")
        problems = []
        for runner in self.runners:
            problems += self.verify(runner, count)
        if problems:
            raise Failure("\n".join(problems))
        left = java_tools.open_transactions(self.cluster.bootstrap)
        if left:
            raise Failure(f"transactions stay open: {left}")

    def verify(self, runner, count):
        """What is wrong with the output of a job, after it had time to write all of it."""
        expected = runner.job.expect(count)
        deadline = time.monotonic() + self.args.drain_s
        while True:
            runner.look(excused=True)
            # Markers of transactions count as offsets too, so this only says when reading is worth it.
            if runner.committed() >= sum(expected.values()):
                got = collections.Counter(as_row(r["value"]) for r in self.client.read(runner.topic, COMMITTED, timeout_s=120))
                if sum(got.values()) >= sum(expected.values()):
                    break
            if time.monotonic() > deadline:
                got = collections.Counter(as_row(r["value"]) for r in self.client.read(runner.topic, COMMITTED, timeout_s=120))
                break
            time.sleep(1)
        problems = self.end(runner)
        got = collections.Counter(as_row(r["value"]) for r in self.client.read(runner.topic, COMMITTED, timeout_s=120))
        problems += self.difference(f"{runner.name}, topic", expected, got)
        try:
            self.client.wait_no_open_transaction([runner.topic], TRANSACTION_TIMEOUT_MS / 1000 + 10)
        except TimeoutError as error:
            problems.append(f"{runner.name}: {error}")
        if runner.job.files:
            rows, left = read_files(os.path.join(runner.folder, "out"))
            problems += self.difference(f"{runner.name}, files", expected, rows)
            problems += [f"{runner.name}: files left behind: {left[:3]}"] if left else []
        print(f"{runner.name}: {sum(got.values())} results of {count} rows, exits {dict(runner.exits)}", flush=True)
        return problems

    @staticmethod
    def end(runner):
        """SIGTERM ends a job in order."""
        if not runner.is_running():
            runner.look(excused=True)
            time.sleep(3)
        runner.process.send_signal(signal.SIGTERM)
        try:
            code = runner.process.wait(60)
        except subprocess.TimeoutExpired:
            runner.kill()
            return [f"{runner.name}: still running 60 s after SIGTERM"]
        return [] if code == 0 else [f"{runner.name}: exit code {code} on SIGTERM:\n{broker.tail(runner.log)}"]

    @staticmethod
    def difference(what, expected, got):
        missing, extra = expected - got, got - expected
        if not missing and not extra:
            return []
        return [f"{what}: {sum(missing.values())} results missing, e.g. {sorted(missing)[:3]}; "
                f"{sum(extra.values())} too many, e.g. {sorted(extra)[:3]}"]

    def close(self, keep):
        for runner in self.runners:
            runner.kill()
        if self.feeder is not None:
            self.feeder._end.set()
        for folder in self.mounted:
            subprocess.run(["umount", "-l", folder], capture_output=True)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def play(args, program, options):
    """One run of the loop. Gives what went wrong, or None, and the loop."""
    loop, problem = Loop(args, program, options, random.Random(args.seed)), None
    try:
        loop.run()
        unhit = [name for name in args.required if not loop.hits[name]]
        if unhit:
            problem = f"never hit: {unhit} (tried without effect: {dict(loop.missed)})"
    except (Failure, broker.BrokerError, TimeoutError, KafkaException) as error:
        problem = str(error)
    finally:
        loop.close(keep=bool(os.environ.get("SABOT_KEEP")))
    print(f"faults: {json.dumps(dict(sorted(loop.hits.items())))}, seed {args.seed}", flush=True)
    return problem, loop


def self_test(args):
    """A right stand-in passes; one that repeats and one that loses are found. Whoever finds nothing wrong here is blind."""
    args.job, args.faults, args.minutes, args.drain_s = ["stateless"], 6, 2, 15
    args.points, failed = ["kafka-flush-after", "kafka-commit-before", "kafka-commit-after"], 0
    for kind, faults in (("exact", ["kill", "broker", "grow", "stop"]), ("leaky", ["kill"]), ("lossy", ["kill"])):
        os.environ["STANDIN"] = kind
        args.plain_faults, args.points, args.required = faults, args.points if kind == "exact" else [], []
        args.faults = 7 if kind == "exact" else 4
        problem, _ = play(args, [sys.executable, os.path.join(broker.HERE, "standin.py")], [])
        word = {"exact": None, "leaky": "too many", "lossy": "missing"}[kind]
        right = problem is None if word is None else problem is not None and " 0 " + word not in problem and word in problem
        failed += not right
        print(f"{'PASS' if right else 'FAIL'} stand-in {kind}: {problem or 'nothing wrong'}", flush=True)
    print(f"{3 - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--minutes", type=float, default=3, help="how long faults go on")
    parser.add_argument("--faults", type=int, default=0, help="stop after so many faults (0: only by time)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=int, default=1000, help="rows a second into each input topic")
    parser.add_argument("--brokers", type=int, default=1, choices=(1, 3))
    parser.add_argument("--job", action="append", choices=list(JOBS))
    parser.add_argument("--fault", action="append", choices=PLAIN_FAULTS + POINTS + FILE_POINTS)
    parser.add_argument("--points", type=lambda x: x.split(","), default=POINTS + FILE_POINTS, help="crash points, with commas")
    parser.add_argument("--drain-s", type=float, default=120, help="how long the jobs may take to catch up at the end")
    parser.add_argument("--parallelism", type=int, default=2)
    parser.add_argument("--require-all", action="store_true", help="each fault and point must have hit")
    parser.add_argument("--delete", action="store_true", help="at the end, delete the output and the input of a job under load")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    args.plain_faults, args.required = PLAIN_FAULTS, []
    broker.make_archive()
    if args.self_test:
        return self_test(args)
    if not args.sabot:
        parser.error("give --sabot PATH")
    args.sabot = os.path.abspath(args.sabot)
    if not has_kafka(args.sabot):
        print(f"skipped: {args.sabot} has no connector 'kafka'")
        return broker.SKIP
    if args.require_all:
        files = not args.job or "both" in args.job
        args.required = args.fault or PLAIN_FAULTS + [p for p in args.points if files or p not in FILE_POINTS]
    options = ["--parallelism", str(args.parallelism), "--set", "execution.checkpointing.interval=300 ms",
               "--set", "execution.checkpointing.num-retained=2"]
    problem, loop = play(args, [args.sabot], options)
    if problem and loop.doubtful:
        print(f"once more, as the broker was away too long; it was: {problem}")
        problem, loop = play(args, [args.sabot], options)
    hits = loop.hits
    if problem:
        print("FAIL " + problem)
        repeat = [f"--job {j}" for j in args.job or []] + [f"--fault {f}" for f in args.fault or []]
        print(f"repeat with: --seed {args.seed} --brokers {args.brokers} --minutes {args.minutes:g} {' '.join(repeat)}")
    print(f"{sum(hits.values())} faults; {'0 passed, 1 failed' if problem else '1 passed, 0 failed'}")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
