"""Writes evolution.txt and evolution_schemas.json: messages of writers whose schema is not that of the table.

The messages are written by fastavro (1.x, `pip install fastavro`); which rows they give is recorded from Flink by
record_evolution.py, but for what stands under "# Sabot only", where Flink refuses or misreads (docs/gaps.md).
"""
import io
import json
import os

import fastavro

here = os.path.dirname(os.path.abspath(__file__))
schemas, lines = {}, []


def schema(number, text):
    schemas[str(number)] = {"schema": json.dumps(text)}
    return fastavro.parse_schema(json.loads(json.dumps(text)))


def table(columns, *options, form="avro-confluent"):
    lines.append(f"@format {form}")
    lines.append("@option url={URL}")
    lines.extend(f"@option {o}" for o in options)
    lines.append(f"@columns {columns}")


def message(number, parsed, *records):
    for record in records:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, parsed, record)
        lines.append("> hex:00" + number.to_bytes(4, "big").hex() + out.getvalue().hex())


def rec(*fields, name="r"):
    return {"type": "record", "name": name, "fields": [f if isinstance(f, dict) else dict(name=f[0], type=f[1], **(f[2] if len(f) > 2 else {})) for f in fields]}


# other order, a field more, a field less
table("id INT NOT NULL, name STRING, extra BIGINT")
s = schema(1, rec(("name", "string"), ("unused", {"type": "array", "items": rec(("a", "long"), name="q")}), ("id", "int")))
message(1, s, {"name": "a", "unused": [{"a": 1}, {"a": -5}], "id": 7}, {"name": "", "unused": [], "id": -1})
# promotions
table("a BIGINT, b FLOAT, c DOUBLE, d DOUBLE, e BYTES, f STRING, g DOUBLE")
s = schema(2, rec(("a", "int"), ("b", "int"), ("c", "long"), ("d", "float"), ("e", "string"), ("f", "bytes"), ("g", "int")))
message(2, s, dict(a=-3, b=7, c=1 << 40, d=1.5, e="xyz", f=b"abc", g=-9))
# unions in another order, unions of the writer with more branches
table("a INT, b STRING, c BIGINT")
s = schema(3, rec(("a", ["int", "null"]), ("b", ["null", "string"]), ("c", ["null", "int", "long"])))
message(3, s, dict(a=1, b=None, c=5), dict(a=None, b="x", c=None), dict(a=2, b="y", c=1 << 35))
# nested
table("r ROW<x INT, y ROW<z STRING>>, a ARRAY<ROW<k BIGINT>>, m MAP<STRING, ROW<v INT>>")
s = schema(4, rec(("m", {"type": "map", "values": rec(("v", "int"), ("w", "string"), name="mv")}),
                  ("r", rec(("y", ["null", rec(("extra", "long"), ("z", "string"), name="ry")]), ("x", "int"), name="rr")),
                  ("a", {"type": "array", "items": ["null", rec(("k", "int"), ("l", "boolean"), name="ai")]})))
message(4, s, dict(m={"k": {"v": 1, "w": "q"}}, r={"y": {"extra": 5, "z": "deep"}, "x": 3}, a=[{"k": 1, "l": True}, None]),
        dict(m={}, r={"y": None, "x": 4}, a=[]))
# two writers in turn
table("id INT NOT NULL, name STRING")
one, two = schema(5, rec(("id", "int"), ("name", "string"))), schema(6, rec(("name", ["null", "string"]), ("id", "int")))
for i in range(3):
    message(5, one, dict(id=i, name="one"))
    message(6, two, dict(id=i, name="two"))
# logical types as Flink derives them
table("d DATE, t TIME(3), ts TIMESTAMP(3), e DECIMAL(10, 2)")
s = schema(7, rec(("d", {"type": "int", "logicalType": "date"}), ("t", {"type": "int", "logicalType": "time-millis"}),
                  ("ts", {"type": "long", "logicalType": "timestamp-millis"}),
                  ("e", {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2})))
import datetime, decimal
message(7, s, dict(d=datetime.date(2021, 2, 3), t=datetime.time(1, 2, 3, 4000),
                   ts=datetime.datetime(2021, 2, 3, 4, 5, 6, 7000, tzinfo=datetime.timezone.utc), e=decimal.Decimal("-12.34")))
# not allowed: a long for an INT, a string for a number, NULL for NOT NULL, no default
table("a INT")
message(8, schema(8, rec(("a", "long"))), dict(a=1))
table("a BIGINT")
message(9, schema(9, rec(("a", "string"))), dict(a="1"))
table("a INT NOT NULL")
message(10, schema(10, rec(("a", ["null", "int"]))), dict(a=5))
table("a INT NOT NULL, b INT NOT NULL")
message(11, schema(11, rec(("a", "int"))), dict(a=5))
# option schema: an enum, a default
table("e STRING NOT NULL, n INT NOT NULL",
      'schema={"type":"record","name":"r","fields":[{"name":"e","type":{"type":"enum","name":"c","symbols":["A","B"]}},{"name":"n","type":"int","default":42}]}')
message(12, schema(12, rec(("e", {"type": "enum", "name": "c", "symbols": ["B", "A"]}))), dict(e="A"), dict(e="B"))

# writing: the schema that is registered, and the bytes
table("id INT NOT NULL, s STRING, r ROW<x BIGINT NOT NULL, y ARRAY<STRING>>, e DECIMAL(6, 2) NOT NULL, ts TIMESTAMP(3), m MAP<STRING, ROW<v DOUBLE>>",
      "subject=t-value")
lines.append('< +I {"id":1,"s":"a","r":{"x":5,"y":["p",null]},"e":-1.5,"ts":"2020-01-02 03:04:05.678","m":{"k":{"v":1.5}}}')
lines.append('< +I {"id":2,"s":null,"r":null,"e":0,"ts":null,"m":null}')
table("e STRING NOT NULL", "subject=enum",
      'schema={"type":"record","name":"r","fields":[{"name":"e","type":{"type":"enum","name":"c","symbols":["A","B"]}}]}')
lines.append('< +I {"e":"B"}')
lines.append('< +I {"e":"C"}')
lines.append("# Sabot only")
# units by the writer's logical type; enums and fixed as text, bytes and decimals
table("ts TIMESTAMP(3), e STRING, f BYTES, d DECIMAL(10, 2), t TIME(3)")
s = schema(20, rec(("ts", {"type": "long", "logicalType": "timestamp-micros"}), ("e", {"type": "enum", "name": "c", "symbols": ["A", "B"]}),
                   ("f", {"type": "fixed", "name": "fx", "size": 3}),
                   ("d", {"type": "fixed", "name": "dx", "size": 5, "logicalType": "decimal", "precision": 10, "scale": 3}),
                   ("t", {"type": "long", "logicalType": "time-micros"})))
message(20, s, dict(ts=datetime.datetime(2021, 2, 3, 4, 5, 6, 7008, tzinfo=datetime.timezone.utc), e="B", f=b"xyz", d=decimal.Decimal("1.235"),
                    t=datetime.time(1, 2, 3, 4000)))
lines.append('= {"op":"+I","data":{"ts":"2021-02-03 04:05:06.007","e":"B","f":"eHl6","d":1.24,"t":"01:02:03.004"}}')

with open(os.path.join(here, "evolution.txt"), "w") as f:
    f.write("\n".join(lines) + "\n")
with open(os.path.join(here, "evolution_schemas.json"), "w") as f:
    json.dump(schemas, f, indent=1)
    f.write("\n")
