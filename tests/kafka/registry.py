"""A schema registry beside the broker: Apicurio Registry, which answers as Confluent's does. It keeps its schemas in memory.

    with Registry() as registry:
        registry.url                                   # for 'avro-confluent.url'
        number = registry.register("orders-value", schema)
        registry.schema(number)
"""
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from broker import BASE_JAVA, HOME, BrokerError, free_ports, scratch, spawn, tail

FOLDER = os.path.join(HOME, "registry")


class RegistryError(Exception):
    """The registry refused; `code` is its own (42201, 40401, ...)."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Registry:
    def __init__(self, heap_mb=256):
        self.heap_mb, self.process, self.port = heap_mb, None, 0
        self.folder = scratch("registry")
        self.log = os.path.join(self.folder, "log")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/apis/ccompat/v7"

    def start(self, timeout_s=90):
        program = [name for name in os.listdir(FOLDER) if name.endswith("runner.jar")][0]
        self.port = free_ports(1)[0]
        options = [f"-Dquarkus.http.port={self.port}", "-Dquarkus.http.host=127.0.0.1", f"-Djava.io.tmpdir={self.folder}",
                   "-Dquarkus.log.level=WARN", "-Dquarkus.http.access-log.enabled=false"]
        with open(self.log, "ab") as log:
            self.process = spawn(["java", f"-Xmx{self.heap_mb}m", *(x for x in BASE_JAVA if not x.startswith("-Dlog4j")), *options, "-jar", program],
                                 cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self.subjects()
                return self
            except (OSError, RegistryError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise BrokerError(f"the registry does not answer:\n{tail(self.log)}") from None
            time.sleep(0.1)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()  # it has nothing to keep
            self.process.wait()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/vnd.schemaregistry.v1+json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                found = json.loads(text)
                raise RegistryError(found.get("error_code", error.code), found.get("message", text)) from None
            except ValueError:
                raise RegistryError(error.code, text[:300]) from None

    def subjects(self):
        return self.ask("GET", "/subjects")

    def register(self, subject, schema, kind="AVRO"):
        """The id of a schema (a text, or what json.dumps takes) under a subject; a new version if it is another."""
        text = schema if isinstance(schema, str) else json.dumps(schema)
        return self.ask("POST", f"/subjects/{subject}/versions", {"schema": text, **({} if kind == "AVRO" else {"schemaType": kind})})["id"]

    def schema(self, number):
        return self.ask("GET", f"/schemas/ids/{number}")["schema"]

    def versions(self, subject):
        return self.ask("GET", f"/subjects/{subject}/versions")

    def latest(self, subject):
        """{"subject", "version", "id", "schema"}"""
        return self.ask("GET", f"/subjects/{subject}/versions/latest")

    def set_compatibility(self, level, subject=None):
        """NONE, BACKWARD, FORWARD, FULL, or one of these with _TRANSITIVE."""
        return self.ask("PUT", "/config" + (f"/{subject}" if subject else ""), {"compatibility": level})
