-- The format json.

-- setup
CREATE TABLE src (a INT, b STRING, m MAP<STRING, INT>, ts TIMESTAMP(3)) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x","m":{"k":1},"ts":"2024-01-01 10:00:00.5"}
{"a":2}');
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw');

-- ok
CREATE TABLE t (a INT, b STRING, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json');
INSERT INTO t SELECT a, b, ts FROM src;
SELECT line FROM text;
-- > {"a":1,"b":"x","ts":"2024-01-01 10:00:00.5"}
-- > {"a":2,"b":null,"ts":null}

-- ok
CREATE TABLE t (a INT, b STRING, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601',
    'json.encode.ignore-null-fields' = 'true');
INSERT INTO t SELECT a, b, ts FROM src;
SELECT line FROM text;
-- > {"a":1,"b":"x","ts":"2024-01-01T10:00:00.5"}
-- > {"a":2}

-- ok
CREATE TABLE t (d DECIMAL(20, 0)) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json', 'json.encode.decimal-as-plain-number' = 'true');
INSERT INTO t SELECT CAST(100000 AS DECIMAL(20, 0));
SELECT line FROM text;
-- > {"d":100000}

-- error: b
INSERT INTO text VALUES ('{"a":1}');
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json', 'json.fail-on-missing-field' = 'true');
SELECT a, b FROM t;

-- ok
INSERT INTO text VALUES ('{"a":1}'), ('{"a":"x"}'), ('none'), ('{"a":2}');
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
SELECT a, b FROM t;
-- > 1 | NULL
-- > NULL | NULL
-- > 2 | NULL

-- ok
CREATE TABLE t (m MAP<STRING, INT>) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json', 'json.map-null-key.mode' = 'LITERAL', 'json.map-null-key.literal' = 'none');
INSERT INTO t SELECT MAP[CAST(NULL AS STRING), 1];
SELECT line FROM text;
-- > {"m":{"none":1}}

-- ok
CREATE TABLE t (m MAP<STRING, INT>) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json', 'json.map-null-key.mode' = 'DROP');
INSERT INTO t SELECT MAP[CAST(NULL AS STRING), 1];
SELECT line FROM text;
-- > {"m":{}}

-- error: NULL
CREATE TABLE t (m MAP<STRING, INT>) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json');
INSERT INTO t SELECT MAP[CAST(NULL AS STRING), 1];

-- ok
INSERT INTO text VALUES ('{"a":1,"r":{"x":true,"y":[1.5,2]},"t":"10:11:12","d":"2024-01-02","z":"2024-01-02 03:04:05Z","by":"QUI="}');
CREATE TABLE t (a BIGINT, r ROW<x BOOLEAN, y ARRAY<DOUBLE>>, t TIME, d DATE, z TIMESTAMP_LTZ(3), `by` BYTES) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json',
    'json.decode.json-parser.enabled' = 'true');
SELECT a, r, t, d, z, CAST(`by` AS STRING) FROM t;
-- > 1 | (TRUE, [1.5, 2.0]) | 10:11:12 | 2024-01-02 | 2024-01-02 03:04:05.000 | AB
