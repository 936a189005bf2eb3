#!/usr/bin/env python3
"""Formats with a schema registry, against a stub of one: schema evolution as recorded from Flink, faults, authentication."""
import json
import os
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
from stub_registry import Registry  # noqa: E402

PROBE = os.path.join(os.environ["SABOT_BUILD"], "registry_probe")
INT = {"schema": json.dumps({"type": "record", "name": "r", "fields": [{"name": "i", "type": "int"}]})}


def probe(script):
    done = subprocess.run([PROBE], input=script, capture_output=True, text=True, timeout=100)
    if done.returncode != 0:
        raise AssertionError(f"probe failed: {done.stderr}")
    return done.stdout


def results(script):
    return [line[2:] for line in probe(script).splitlines() if line.startswith("= ")]


def table(url, *options, columns="i INT", form="avro-confluent", faults="max.retries:2"):
    return "\n".join([f"@format {form}", f"@option url={url}", f"@option properties={faults}"] + [f"@option {o}" for o in options]
                     + [f"@columns {columns}"]) + "\n"


def message(number, payload="02"):
    return "> hex:00" + number.to_bytes(4, "big").hex() + payload + "\n"


ROW = '{"op":"+I","data":{"i":1}}'


class RegistryTest(unittest.TestCase):
    def setUp(self):
        self.registry = Registry({"1": INT, "2": {"schema": '{"type":"object"}', "schemaType": "JSON"}, "3": {"schema": "{"},
                                  "4": {"schema": '"string"'}, "5": dict(INT, references=[{"name": "x", "subject": "y", "version": 1}])})
        self.addCleanup(self.registry.close)

    def fails(self, script, *words):
        got = results(script)
        self.assertEqual(len(got), 1, got)
        self.assertTrue(got[0].startswith("ERROR "), got)
        for word in words:
            self.assertIn(word, got[0])

    def test_as_flink(self):
        with open(os.path.join(here, "evolution_schemas.json")) as f:
            registry = Registry(json.load(f))
        self.addCleanup(registry.close)
        with open(os.path.join(here, "evolution.txt")) as f:
            script = f.read().replace("{URL}", registry.url)
        script = "\n".join(line for line in script.splitlines() if line[:1] not in "=#")

        def plain(text):  # errors without their words
            return ["= ERROR" if line.startswith(("= BAD", "= ERROR")) else line.replace(registry.url, "{URL}")
                    for line in text.splitlines() if line]

        with open(os.path.join(here, "evolution.expected")) as f:
            want = plain(f.read())
        got = plain(probe(script))
        self.assertGreater(len(want), 70)
        self.assertEqual([x for x in got if x[0] == "="], [x for x in want if x[0] == "="])
        with open(os.path.join(here, "evolution_registered.json")) as f:
            want = json.load(f)
        self.assertEqual({s: [json.loads(b["schema"]) for _, b in known] for s, known in registry.subjects.items()}, want)

    def test_asked_once(self):
        self.assertEqual(results(table(self.registry.url) + message(1) * 50), [ROW] * 50)
        self.assertEqual(self.registry.requests, [("GET", "/schemas/ids/1")])

    def test_bad_messages(self):
        got = results(table(self.registry.url) + message(1) + "> hex:01000000010a\n" + "> hex:0000\n" + message(9) + message(2)
                      + message(3) + message(4) + message(5) + message(1, "") + message(1, "02"))
        self.assertEqual([g for g in got if not g.startswith("BAD")], [ROW] * 2)
        bad = [g for g in got if g.startswith("BAD")]
        self.assertEqual(len(bad), 8)
        self.assertEqual(bad[0], "BAD no header of a schema registry (byte 0 and a schema id)")
        self.assertIn("schema 9: schema registry " + self.registry.url + "/schemas/ids/9: HTTP 404: Schema 9 not found", bad[2])
        self.assertIn("schema 2: it is of type JSON", bad[3])
        self.assertIn("schema 3: Avro schema:", bad[4])
        self.assertIn("the writer's schema is no record", bad[5])
        self.assertIn("not supported: schema 5 refers to other schemas", bad[6])
        self.assertEqual(bad[7], "BAD field 'i' ends too early")

    def test_unknown_asked_once(self):
        results(table(self.registry.url) + message(9) * 100)
        self.assertEqual(self.registry.requests, [("GET", "/schemas/ids/9")])

    def test_down_for_a_while(self):
        self.assertEqual(results(table(self.registry.url + "/down/2") + message(1)), [ROW])
        self.assertEqual(len(self.registry.requests), 3)

    def test_down(self):
        self.fails(table(self.registry.url + "/down/9") + message(1), "schema 1", "/down/9/schemas/ids/1", "HTTP 503", "come back later")
        self.assertEqual(len(self.registry.requests), 3)

    def test_next_url(self):
        self.assertEqual(results(table(self.registry.url + "/down/9/," + self.registry.url + "/") + message(1)), [ROW])
        self.assertEqual(results(table("http://127.0.0.1:1," + self.registry.url) + message(1)), [ROW])

    def test_nobody_there(self):
        self.fails(table("http://127.0.0.1:1") + message(1), "schema 1", "http://127.0.0.1:1/schemas/ids/1")

    def test_slow(self):
        begin = time.monotonic()
        self.fails(table(self.registry.url + "/slow", faults="http.read.timeout.ms:300,max.retries:1") + message(1), "no answer within 300 ms",
                   "/slow/schemas/ids/1")
        self.assertLess(time.monotonic() - begin, 2.5)

    def test_garbage(self):
        self.fails(table(self.registry.url + "/long") + message(1), "the answer is too long")
        for fault in "garbage", "wrong":
            got = results(table(self.registry.url + "/" + fault) + message(1))
            self.assertEqual(len(got), 1)
            self.assertIn("not what a registry answers", got[0])

    def test_passwords(self):
        registry = Registry({"1": INT}, user="me:secret")
        self.addCleanup(registry.close)
        self.fails(table(registry.url) + message(1), "HTTP 401", "who are you?")
        self.fails(table(registry.url, "basic-auth.user-info=me:secret") + message(1), "HTTP 401")  # as Flink: no source
        self.assertEqual(results(table(registry.url, "basic-auth.credentials-source=USER_INFO", "basic-auth.user-info=me:secret")
                                 + message(1)), [ROW])
        self.assertEqual(results(table(registry.url.replace("//", "//me:secret@"), "basic-auth.credentials-source=URL") + message(1)), [ROW])

    def test_token(self):
        registry = Registry({"1": INT}, token="abc")
        self.addCleanup(registry.close)
        self.fails(table(registry.url, "bearer-auth.credentials-source=STATIC_TOKEN", "bearer-auth.token=x") + message(1), "HTTP 401")
        self.assertEqual(results(table(registry.url, "bearer-auth.credentials-source=STATIC_TOKEN", "bearer-auth.token=abc")
                                 + message(1)), [ROW])

    def test_options(self):
        url = self.registry.url
        self.fails(table(url, "ssl.truststore.location=x.jks") + message(1), "'ssl.truststore.location'", "Java key store")
        self.fails(table(url, "basic-auth.credentials-source=USER_INFO") + message(1), "'basic-auth.user-info' is missing")
        self.fails(table(url, "basic-auth.credentials-source=SASL_INHERIT") + message(1), "not supported", "SASL_INHERIT")
        self.fails(table("ftp://x") + message(1), "expected http:// or https://")
        self.fails("@format avro-confluent\n@columns i INT\n" + message(1), "option 'url'")
        self.fails(table(url) + '< +I {"i":1}\n', "option 'subject' is missing")
        self.fails(table(url, "subject=s", 'schema={"type":"record","name":"r","fields":[]}') + '< +I {"i":1}\n', "has 0 fields")
        self.assertEqual(self.registry.requests, [])

    def test_refused_schema(self):
        self.fails(table(self.registry.url, "subject=refused") + '< +I {"i":1}\n', "subject 'refused'", "HTTP 409", "incompatible")

    def test_json(self):
        sink = table(self.registry.url, "subject=a/b c", form="json-confluent", columns="i INT NOT NULL, s STRING")
        row = '< +I {"i":1,"s":"x"}\n'
        text = b'{"i":1,"s":"x"}'.hex()
        self.assertEqual(results(sink + row + row), ["hex:0000000064" + text] * 2)
        (number, body), = self.registry.subjects["a/b c"]
        self.assertEqual((number, body["schemaType"]), (100, "JSON"))
        self.assertEqual(json.loads(body["schema"]), {
            "$schema": "http://json-schema.org/draft-07/schema#", "title": "record", "additionalProperties": False, "type": "object",
            "properties": {"i": {"type": "integer"}, "s": {"type": ["string", "null"]}}})
        source = table(self.registry.url, form="json-confluent", columns="i INT, s STRING")
        got = results(source + message(100, text) + message(1, text) + "> hex:7b7d\n" + message(100, b"{".hex()) + message(9, text) + message(2, text))
        self.assertEqual([g for g in got if g[0] == "{"], ['{"op":"+I","data":{"i":1,"s":"x"}}'] * 2)
        self.assertEqual(sorted(g[:40] for g in got if g[0] == "B"), sorted(x[:40] for x in [
            "BAD schema 1 is of type AVRO, not JSON", "BAD no header of a schema registry (byte 0 and a schema id)", "BAD ends too early",
            "BAD schema 9: schema registry " + self.registry.url]))

    def test_json_without_registry(self):
        script = "@format json-confluent\n@columns i INT\n" + message(77, b'{"i":1}'.hex())
        self.assertEqual(results(script), [ROW])
        self.assertEqual(self.registry.requests, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
