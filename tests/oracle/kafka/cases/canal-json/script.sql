-- canal-json in: INSERT, UPDATE with old values, DELETE, several rows in one record, DDL left out; out again.
CREATE TABLE i (id BIGINT, name STRING, w DECIMAL(10, 2), db STRING METADATA FROM 'value.database' VIRTUAL, tab STRING METADATA FROM 'value.table' VIRTUAL,
    tm TIMESTAMP_LTZ(3) METADATA FROM 'value.ingestion-timestamp' VIRTUAL) WITH ('connector' = 'kafka', 'topic' = 'canal-json.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'canal-json');
CREATE TABLE changes (id BIGINT, name STRING, w DECIMAL(10, 2), db STRING, tab STRING, tm TIMESTAMP_LTZ(3))
  WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
CREATE TABLE o (id BIGINT, name STRING, w DECIMAL(10, 2)) WITH ('connector' = 'kafka', 'topic' = 'canal-json.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'canal-json');
INSERT INTO changes SELECT * FROM i;
INSERT INTO o SELECT id, name, w FROM i;
