"""Whether a build of sabot has the Kafka connector: tests that need it skip themselves where it is not."""
import subprocess
import tempfile

QUESTION = """CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = '127.0.0.1:1',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE u (a INT) WITH ('connector' = 'kafka', 'topic' = 'u', 'properties.bootstrap.servers' = '127.0.0.1:1', 'format' = 'json');
EXPLAIN PLAN FOR INSERT INTO u SELECT a FROM t;
"""


def has_kafka(sabot):
    """False only if the program says that it does not know the connector; any other trouble is for the test to find."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(QUESTION)
        script.flush()
        try:
            done = subprocess.run([sabot, "run", script.name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        except OSError as error:
            raise SystemExit(f"cannot run {sabot}: {error}") from None
    said = (done.stderr + done.stdout).lower()
    missing = ("unknown connector 'kafka'", "not supported: connector 'kafka'", "not supported: kafka", "connector 'kafka' is a s")
    return not any(text in said for text in missing)
