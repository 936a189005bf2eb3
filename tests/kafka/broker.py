"""Real Kafka brokers on loopback for a test: one or three, in KRaft mode, each broker and controller at once.

    with Cluster(brokers=3) as cluster:
        cluster.bootstrap                 # "127.0.0.1:PORT,..."
        cluster.brokers[1].kill()         # SIGKILL; .stop() in order, .pause() / .resume(), .start() again with its data

DESIGN: Heaps and thread pools are small and timeouts short, as tests want them. A formatted folder and an archive of the
loaded classes are kept in build/kafka, so that a start costs one JVM and about two seconds. Every process dies with the
thread that started it (PR_SET_PDEATHSIG), so start clusters from the main thread; a folder that a killed test left
behind is removed by the next test.
"""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import kafka_install  # noqa: E402

HOME = kafka_install.HOME
RUN = os.path.join(HOME, "run")
SKIP = 77  # the exit code ctest takes for "skipped"

HEAP_MB = 384
BASE_JAVA = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr",
             "-Dlog4j2.configurationFile=" + os.path.join(HOME, "log4j2.properties"), "-Dlog4j2.disable.jmx=true"]
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)

SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "transaction.max.timeout.ms": "3600000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1500",
    "controller.quorum.election.backoff.max.ms": "300",
    "replica.lag.time.max.ms": "3000",
    "replica.socket.timeout.ms": "3000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.replica.fetchers": "1",
    "num.recovery.threads.per.data.dir": "1",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.segment.bytes": "67108864",
    "log.index.size.max.bytes": "1048576",
    "log.retention.ms": "-1",  # records of a test carry any time
    "message.timestamp.after.max.ms": "9223372036854775807",
    "file.delete.delay.ms": "200",
    "controlled.shutdown.enable": "true",
    "group.coordinator.threads": "1",
    "background.threads": "2",
}
USERS = {"alice": "alice-secret", "bob": "bob-secret"}


class BrokerError(Exception):
    """A broker did not do what was asked; says what its log ends with."""


def die_with_parent():
    """Runs in the child between fork and exec."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command, **options):
    """A child that does not outlive this test."""
    return subprocess.Popen(command, preexec_fn=die_with_parent, **options)


def available():
    return os.path.isfile(os.path.join(HOME, "lib.done")) and shutil.which("java") is not None


def require():
    """Installs Kafka where it is missing; a machine without Java cannot, and the test is skipped."""
    if available():
        return
    if not shutil.which("java") or not shutil.which("mvn"):
        print("skipped: Kafka needs java and mvn (tools/packages.txt, group kafka)")
        sys.exit(SKIP)
    kafka_install.install()


def free_ports(count):
    sockets = []
    for _ in range(count):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", 0))
        sockets.append(one)
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def is_alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False
    except PermissionError:
        return True


def sweep():
    """Removes what tests that were killed have left."""
    for name in os.listdir(RUN) if os.path.isdir(RUN) else []:
        owner = name.split("-")[0]
        if owner.isdigit() and not is_alive(int(owner)):
            shutil.rmtree(os.path.join(RUN, name), ignore_errors=True)


def scratch(what):
    """A new folder for this process; `sweep` knows by its name whose it is."""
    os.makedirs(RUN, exist_ok=True)
    sweep()
    return tempfile.mkdtemp(prefix=f"{os.getpid()}-{what}-", dir=RUN)


def java_command(main, arguments=(), heap_mb=256, archive=None):
    shared = [f"-XX:SharedArchiveFile={archive}"] if archive and os.path.isfile(archive) else []
    return ["java", f"-Xmx{heap_mb}m", *BASE_JAVA, *shared, "-cp", kafka_install.class_path(), main, *arguments]


def write_properties(path, values):
    with open(path, "w", encoding="utf-8") as file:
        for key, value in values.items():
            file.write(f"{key}={value}\n")


def tail(path, lines=25):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except OSError as error:
        return str(error)


class Broker:
    """One broker process and its folder. Owned by a Cluster."""

    def __init__(self, cluster, node):
        self.cluster, self.node = cluster, node
        self.folder = os.path.join(cluster.folder, f"broker-{node}")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        self.ports = {}
        self.process = None
        os.makedirs(self.folder)

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def address(self):
        return f"127.0.0.1:{self.ports['PLAINTEXT']}"

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def write_config(self):
        cluster = self.cluster
        protocols = {"CONTROLLER": "PLAINTEXT", "PLAINTEXT": "PLAINTEXT"}
        protocols.update({name: name for name in cluster.secure_listeners})
        copies = min(3, len(cluster.brokers))
        values = dict(SETTINGS)
        values.update({
            "node.id": self.node,
            "controller.quorum.voters": ",".join(f"{b.node}@127.0.0.1:{b.ports['CONTROLLER']}" for b in cluster.brokers),
            "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in self.ports.items()),
            "advertised.listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in self.ports.items() if name != "CONTROLLER"),
            "listener.security.protocol.map": ",".join(f"{k}:{v}" for k, v in protocols.items()),
            "log.dirs": self.data,
            "default.replication.factor": copies,
            "min.insync.replicas": max(1, copies - 1),
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": max(1, copies - 1),
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": max(1, copies - 1),
        })
        values.update(cluster.secure_settings())
        values.update(cluster.settings)
        path = os.path.join(self.folder, "broker.properties")
        write_properties(path, values)
        return path

    def format(self):
        """Copies a formatted folder; the first use of a node id and its users makes it."""
        kind = "plain" if not self.cluster.secure_listeners else "scram"
        kept = os.path.join(HOME, "formatted", f"{kind}-{self.node}")
        if not os.path.isdir(kept):
            fresh = os.path.join(self.folder, "format")
            path = os.path.join(self.folder, "format.properties")
            write_properties(path, {
                "process.roles": "broker,controller", "node.id": self.node, "controller.listener.names": "CONTROLLER",
                "controller.quorum.voters": f"{self.node}@127.0.0.1:9093", "listeners": "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT", "log.dirs": fresh})
            users = []
            for user, password in USERS.items() if kind == "scram" else ():
                for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
                    users += ["--add-scram", f"{mechanism}=[name={user},password={password}]"]
            done = subprocess.run(java_command("kafka.tools.StorageTool", ["format", "-t", "c2Fib3QtdGVzdC1rYWZrYQ", "-c", path, *users]),
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                raise BrokerError("cannot format: " + (done.stderr or done.stdout)[-1500:])
            os.makedirs(os.path.dirname(kept), exist_ok=True)
            try:
                os.rename(fresh, kept)
            except OSError:
                pass  # another test was faster
        shutil.copytree(kept, self.data)

    def start(self, extra_java=()):
        """Starts the process with the data it has; does not wait until it answers."""
        if self.is_running():
            return
        if not os.path.isdir(self.data):
            self.format()
        config = self.write_config()
        command = java_command("kafka.Kafka", [config], heap_mb=self.cluster.heap_mb, archive=self.cluster.archive)
        command[1:1] = extra_java
        with open(self.log, "ab") as log:
            self.process = spawn(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def signal(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self, timeout_s=20):
        """In order; what does not end in time is killed."""
        if not self.is_running():
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()


class Cluster:
    """One or three brokers that know each other.

    brokers     how many
    secure      also listeners SASL_PLAINTEXT, SASL_SSL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512; users in USERS) and SSL
                (which asks for a client certificate); see client_security
    settings    broker settings that win over SETTINGS
    """

    def __init__(self, brokers=1, secure=False, settings=None, heap_mb=HEAP_MB):
        self.settings = {k: str(v) for k, v in (settings or {}).items()}
        self.heap_mb = heap_mb
        self.archive = os.path.join(HOME, "broker.jsa")
        self.secure_listeners = ["SASL_PLAINTEXT", "SASL_SSL", "SSL"] if secure else []
        self.folder = scratch("kafka")
        self.certificates = None
        if secure:
            import certificates
            self.certificates = certificates.make(os.path.join(self.folder, "certificates"))
        self.brokers = []
        for node in range(1, brokers + 1):
            self.brokers.append(Broker(self, node))
        self._choose_ports()

    def _choose_ports(self):
        names = ["PLAINTEXT", "CONTROLLER", *self.secure_listeners]
        ports = free_ports(len(names) * len(self.brokers))
        for at, broker in enumerate(self.brokers):
            broker.ports = dict(zip(names, ports[at * len(names):]))

    @property
    def bootstrap(self):
        return ",".join(broker.address for broker in self.brokers)

    def listener(self, name):
        """The addresses of a listener: PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL."""
        return ",".join(f"127.0.0.1:{broker.ports[name]}" for broker in self.brokers)

    def secure_settings(self):
        if not self.secure_listeners:
            return {}
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        plain = "org.apache.kafka.common.security.plain.PlainLoginModule required " + " ".join(f'user_{u}="{p}"' for u, p in USERS.items()) + ";"
        values = {"sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512", "ssl.client.auth": "none",
                  "listener.name.ssl.ssl.client.auth": "required",
                  "ssl.keystore.type": "PEM", "ssl.keystore.location": self.certificates["server.pem"],
                  "ssl.truststore.type": "PEM", "ssl.truststore.location": self.certificates["ca.pem"]}
        for name in ("sasl_plaintext", "sasl_ssl"):
            values[f"listener.name.{name}.plain.sasl.jaas.config"] = plain
            for mechanism in ("scram-sha-256", "scram-sha-512"):
                values[f"listener.name.{name}.{mechanism}.sasl.jaas.config"] = scram
        return values

    def start(self, timeout_s=90):
        """Starts all brokers and waits until they answer. A port taken in the meantime costs another try."""
        for attempt in range(3):
            for broker in self.brokers:
                broker.start()
            try:
                self.wait_ready(timeout_s)
                break
            except BrokerError:
                taken = any("BindException" in tail(b.log, 400) or "Address already in use" in tail(b.log, 400) for b in self.brokers)
                if not taken or attempt == 2:
                    raise
                for broker in self.brokers:
                    if broker.is_running():
                        broker.kill()
                    shutil.rmtree(broker.data, ignore_errors=True)
                    open(broker.log, "w").close()
                self._choose_ports()
        return self

    def wait_ready(self, timeout_s=90, brokers=None):
        """Until a metadata request at every running broker names all the running ones."""
        import wire
        deadline = time.monotonic() + timeout_s
        running = [b for b in (brokers or self.brokers) if b.is_running() or brokers is None]
        problem = "no answer"
        while time.monotonic() < deadline:
            dead = [b for b in running if not b.is_running()]
            if dead:
                raise BrokerError(f"broker {dead[0].node} ended with {dead[0].process.returncode}:\n{tail(dead[0].log)}")
            try:
                for broker in running:
                    seen = wire.broker_ids("127.0.0.1", broker.ports["PLAINTEXT"], timeout_s=2)
                    if not {b.node for b in running} <= set(seen):
                        problem = f"broker {broker.node} knows {sorted(seen)}"
                        break
                else:
                    return
            except OSError as error:
                problem = str(error)
            time.sleep(0.05)
        raise BrokerError(f"not ready after {timeout_s} s: {problem}\n{tail(running[0].log)}")

    def restart(self, broker, timeout_s=90):
        """Starts a broker that was killed or stopped, with the data it had, and waits for it."""
        broker.start()
        self.wait_ready(timeout_s)

    def stop(self):
        for broker in self.brokers:  # all at once: one alone would wait for its followers
            if broker.is_running():
                broker.signal(signal.SIGCONT)
                broker.signal(signal.SIGTERM if len(self.brokers) == 1 else signal.SIGKILL)
        for broker in self.brokers:
            broker.stop(10)

    def close(self, keep=False):
        for broker in self.brokers:
            if broker.is_running():
                broker.kill()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close(keep=bool(os.environ.get("SABOT_KEEP")))
            raise

    def __exit__(self, *_):
        self.close(keep=bool(os.environ.get("SABOT_KEEP")))

    def client_security(self, listener="PLAINTEXT", mechanism="PLAIN", user="alice"):
        """The settings of a librdkafka client for a listener; Flink's names differ, see flink_security."""
        values = {"bootstrap.servers": self.listener(listener), "security.protocol": listener}
        if listener.startswith("SASL"):
            values.update({"sasl.mechanism": mechanism, "sasl.username": user, "sasl.password": USERS[user]})
        if listener.endswith("SSL"):
            values["ssl.ca.location"] = self.certificates["ca.pem"]
        if listener == "SSL":
            values.update({"ssl.certificate.location": self.certificates["client.crt"], "ssl.key.location": self.certificates["client.key"]})
        return values

    def java_security(self, listener="PLAINTEXT", mechanism="PLAIN", user="alice"):
        """The same in the names of the Java client (and so of Flink, behind `properties.`)."""
        values = {"bootstrap.servers": self.listener(listener), "security.protocol": listener}
        if listener.startswith("SASL"):
            module = "plain.PlainLoginModule" if mechanism == "PLAIN" else "scram.ScramLoginModule"
            values.update({"sasl.mechanism": mechanism, "sasl.jaas.config":
                           f'org.apache.kafka.common.security.{module} required username="{user}" password="{USERS[user]}";'})
        if listener.endswith("SSL"):
            values.update({"ssl.truststore.type": "PEM", "ssl.truststore.location": self.certificates["ca.pem"]})
        if listener == "SSL":
            values.update({"ssl.keystore.type": "PEM", "ssl.keystore.location": self.certificates["client.pem"]})
        return values


def make_archive():
    """Once: a broker's start and end, of which the JVM keeps the loaded classes."""
    archive = os.path.join(HOME, "broker.jsa")
    if os.path.isfile(archive):
        return
    fresh = f"{archive}.{os.getpid()}"
    cluster = Cluster()
    cluster.archive = None
    try:
        cluster.brokers[0].start(extra_java=[f"-XX:ArchiveClassesAtExit={fresh}"])
        cluster.wait_ready()
        cluster.brokers[0].stop(120)
    finally:
        cluster.close()
    if os.path.isfile(fresh):
        os.replace(fresh, archive)
