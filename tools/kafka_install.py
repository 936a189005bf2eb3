#!/usr/bin/env python3
"""Puts a real Apache Kafka and a schema registry for the tests into build/kafka, once, from Maven Central.

    kafka_install.py            install what is missing
    kafka_install.py --flink    the same, and what recording on real Flink needs (tests/oracle/kafka/record.py)

Needs mvn and a JDK 17 (tools/packages.txt). SABOT_KAFKA_HOME names another folder than build/kafka.
"""
import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOME = os.environ.get("SABOT_KAFKA_HOME") or os.path.join(ROOT, "build", "kafka")

KAFKA = "4.3.1"  # the newest that is published whole: 4.4.0 names parts that are not there
JARS = [("org.apache.kafka", "kafka_2.13", KAFKA), ("org.apache.kafka", "kafka-tools", KAFKA),
        ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.3"), ("org.apache.logging.log4j", "log4j-core", "2.25.3")]
FLINK_JARS = [("org.apache.flink", "flink-sql-connector-kafka", "5.0.0-2.2"), ("org.apache.flink", "flink-sql-avro", "2.3.0"),
              ("org.apache.flink", "flink-sql-avro-confluent-registry", "2.3.0")]
# A registry that answers as Confluent's does. 3.0.9 is the last that runs on Java 17.
REGISTRY = ("io.apicurio", "apicurio-registry-app", "3.0.9")

POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>sabot.test</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>{}</dependencies></project>
"""
DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>\n"
LOG4J = """rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1} %m%n
"""


def say(text):
    print("kafka: " + text, file=sys.stderr, flush=True)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def maven(folder, *arguments):
    """Runs mvn, three times if it must: what fails there is mostly the network."""
    for attempt in range(3):
        done = subprocess.run(["mvn", "-B", "-q", *arguments], cwd=folder, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 0:
            return
        say(f"mvn failed (try {attempt + 1} of 3): " + done.stdout.strip()[:1200])
        time.sleep(5 * (attempt + 1))
    sys.exit("kafka: the jars cannot be had. Offline? The tests of the Kafka connector need them once.")


def copy_jars(jars, into, transitive):
    """Resolves the jars into a new folder that takes the place of `into` when it is whole."""
    fresh = into + ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(into, ignore_errors=True)
    write(os.path.join(fresh, "pom.xml"), POM.format("".join(DEPENDENCY.format(*jar) for jar in jars)))
    maven(fresh, "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=.",
          *([] if transitive else ["-DexcludeTransitive=true"]))
    os.rename(fresh, into)


def unpack_registry(into):
    fresh = into + ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(into, ignore_errors=True)
    os.makedirs(fresh)
    write(os.path.join(fresh, "pom.xml"), POM.format(""))
    maven(fresh, "dependency:copy", "-Dartifact={}:{}:{}:tar.gz:all".format(*REGISTRY), "-DoutputDirectory=.")
    archive = os.path.join(fresh, "{1}-{2}-all.tar.gz".format(*REGISTRY))
    with tarfile.open(archive) as file:
        file.extractall(fresh)
    os.remove(archive)
    os.rename(fresh, into)


def class_path(home=HOME):
    """Named one by one and sorted: the class archive is valid for this very list only."""
    lib = os.path.join(home, "lib")
    return ":".join(os.path.join(lib, name) for name in sorted(os.listdir(lib)) if name.endswith(".jar"))


def stamp(jars):
    return hashlib.sha256(repr(jars).encode()).hexdigest()[:16]


def is_done(path, text):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read() == text
    except OSError:
        return False


def install(flink=False):
    os.makedirs(HOME, exist_ok=True)
    with open(os.path.join(HOME, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        parts = [("lib", JARS), ("registry", [REGISTRY])] + ([("flink", FLINK_JARS)] if flink else [])
        for name, jars in parts:
            marker = os.path.join(HOME, name + ".done")
            if is_done(marker, stamp(jars)):
                continue
            begin = time.monotonic()
            if name == "registry":
                unpack_registry(os.path.join(HOME, name))
            else:
                copy_jars(jars, os.path.join(HOME, name), transitive=name == "lib")
            if name == "lib":
                write(os.path.join(HOME, "log4j2.properties"), LOG4J)
                shutil.rmtree(os.path.join(HOME, "formatted"), ignore_errors=True)
                archive = os.path.join(HOME, "broker.jsa")
                if os.path.exists(archive):
                    os.remove(archive)
            write(marker, stamp(jars))
            say(f"{', '.join(jar[1] + ' ' + jar[2] for jar in jars[:2])} in {time.monotonic() - begin:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flink", action="store_true")
    args = parser.parse_args()
    for program in ("mvn", "java"):
        if not shutil.which(program):
            sys.exit(f"kafka: {program} is missing; install the packages of the group kafka in tools/packages.txt")
    install(args.flink)


if __name__ == "__main__":
    main()
