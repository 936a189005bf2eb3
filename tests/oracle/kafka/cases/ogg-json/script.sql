-- ogg-json in: I, U, D, a truncate left out; its metadata; out again.
CREATE TABLE i (id BIGINT, name STRING, w DOUBLE, tab STRING METADATA FROM 'value.table' VIRTUAL, tm TIMESTAMP_LTZ(6) METADATA FROM 'value.event-timestamp' VIRTUAL)
  WITH ('connector' = 'kafka', 'topic' = 'ogg-json.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'ogg-json', 'ogg-json.ignore-parse-errors' = 'true');
CREATE TABLE changes (id BIGINT, name STRING, w DOUBLE, tab STRING, tm TIMESTAMP_LTZ(6))
  WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
CREATE TABLE o (id BIGINT, name STRING, w DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'ogg-json.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'ogg-json');
INSERT INTO changes SELECT * FROM i;
INSERT INTO o SELECT id, name, w FROM i;
