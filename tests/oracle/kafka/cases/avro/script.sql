-- avro out and in again: types, NULLs, nested.
CREATE TABLE i (id BIGINT NOT NULL, name STRING, ok BOOLEAN, x DOUBLE, price DECIMAL(10, 2), dt DATE, tm TIMESTAMP(3), tags ARRAY<STRING>, place ROW<city STRING, zip INT>, notes MAP<STRING, INT>)
  WITH ('connector' = 'kafka', 'topic' = 'avro.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE a (id BIGINT NOT NULL, name STRING, ok BOOLEAN, x DOUBLE, price DECIMAL(10, 2), dt DATE, tm TIMESTAMP(3), tags ARRAY<STRING>, place ROW<city STRING, zip INT>, notes MAP<STRING, INT>)
  WITH ('connector' = 'kafka', 'topic' = 'avro.avro', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'avro');
CREATE TABLE a2 (id BIGINT NOT NULL, name STRING, ok BOOLEAN, x DOUBLE, price DECIMAL(10, 2), dt DATE, tm TIMESTAMP(3), tags ARRAY<STRING>, place ROW<city STRING, zip INT>, notes MAP<STRING, INT>)
  WITH ('connector' = 'kafka', 'topic' = 'avro.avro', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'avro');
CREATE TABLE o (id BIGINT NOT NULL, name STRING, ok BOOLEAN, x DOUBLE, price DECIMAL(10, 2), dt DATE, tm TIMESTAMP(3), tags ARRAY<STRING>, place ROW<city STRING, zip INT>, notes MAP<STRING, INT>)
  WITH ('connector' = 'kafka', 'topic' = 'avro.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO a SELECT * FROM i;
INSERT INTO o SELECT * FROM a2;
