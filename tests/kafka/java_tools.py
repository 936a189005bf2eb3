"""Kafka's own command line tools, as a third opinion that shares nothing with librdkafka. Each call is one JVM: a second or two.
"""
import os
import subprocess

from broker import HOME, java_command

ARCHIVE = os.path.join(HOME, "broker.jsa")
PREFIX = "org.apache.kafka.tools."


class ToolError(Exception):
    """A tool ended with an error; says what it printed."""


def run(main, *arguments, data=None, timeout_s=60):
    """What the tool prints to stdout."""
    done = subprocess.run(java_command(main, [str(a) for a in arguments], archive=ARCHIVE), input=data, capture_output=True,
                          text=True, timeout=timeout_s)
    if done.returncode != 0:
        raise ToolError(f"{main}: exit code {done.returncode}: {(done.stderr or done.stdout)[-1500:]}")
    return done.stdout


def create_topic(bootstrap, name, partitions=1, **config):
    settings = [x for k, v in config.items() for x in ("--config", f"{k.replace('_', '.')}={v}")]
    return run(PREFIX + "TopicCommand", "--bootstrap-server", bootstrap, "--create", "--topic", name, "--partitions", partitions, *settings)


def list_topics(bootstrap):
    return run(PREFIX + "TopicCommand", "--bootstrap-server", bootstrap, "--list").split()


def produce(bootstrap, topic, lines, **properties):
    """Lines as `value`, or `key<TAB>value` with parse_key="true"."""
    settings = [x for k, v in properties.items() for x in ("--reader-property", f"{k.replace('_', '.')}={v}")]
    return run(PREFIX + "ConsoleProducer", "--bootstrap-server", bootstrap, "--topic", topic, *settings, data="".join(x + "\n" for x in lines))


def consume(bootstrap, topic, isolation="read_committed", timeout_ms=4000, count=None, **properties):
    """Lines as the console consumer prints them; print_key, print_headers, print_timestamp, print_partition = "true"."""
    settings = [x for k, v in properties.items() for x in ("--formatter-property", f"{k.replace('_', '.')}={v}")]
    limit = ["--max-messages", count] if count is not None else ["--timeout-ms", timeout_ms]
    return run(PREFIX + "consumer.ConsoleConsumer", "--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning",
               "--isolation-level", isolation, *limit, *settings).splitlines()


def end_offsets(bootstrap, topic):
    lines = run(PREFIX + "GetOffsetShell", "--bootstrap-server", bootstrap, "--topic", topic).split()
    return {int(partition): int(offset) for _, partition, offset in (line.rsplit(":", 2) for line in lines)}


def group_offsets(bootstrap, group):
    """(topic, partition) -> committed offset."""
    found = {}
    for line in run(PREFIX + "consumer.group.ConsumerGroupCommand", "--bootstrap-server", bootstrap, "--describe", "--group", group,
                    "--offsets").splitlines():
        words = line.split()
        if len(words) > 3 and words[0] == group and words[3].isdigit():
            found[words[1], int(words[2])] = int(words[3])
    return found


def transactions(bootstrap):
    """Transactional id -> state (Ongoing, CompleteCommit, CompleteAbort, Empty, ...)."""
    lines = run(PREFIX + "TransactionsCommand", "--bootstrap-server", bootstrap, "list").splitlines()
    return {words[0]: words[3] for words in (line.split() for line in lines[1:]) if len(words) >= 4}


def open_transactions(bootstrap):
    return {name: state for name, state in transactions(bootstrap).items() if not state.startswith("Complete") and state not in ("Empty", "Dead")}
