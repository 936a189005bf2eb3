-- JSON in, a filter and expressions, JSON out, all types; unknown, missing and null members.
CREATE TABLE i (id BIGINT, name STRING, price DECIMAL(10, 2), ratio DOUBLE, ok BOOLEAN, dt DATE, tm TIMESTAMP(3), tags ARRAY<STRING>,
    place ROW<city STRING, zip INT>, notes MAP<STRING, STRING>, bin BYTES)
  WITH ('connector' = 'kafka', 'topic' = 'json-filter.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, name STRING, price DECIMAL(10, 2), ratio DOUBLE, ok BOOLEAN, dt DATE, tm TIMESTAMP(3), tags ARRAY<STRING>,
    place ROW<city STRING, zip INT>, notes MAP<STRING, STRING>, bin BYTES)
  WITH ('connector' = 'kafka', 'topic' = 'json-filter.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id, UPPER(name), price * 2, ratio, ok, dt, tm, tags, place, notes, bin FROM i WHERE id <> 3;
