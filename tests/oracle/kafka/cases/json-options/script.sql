-- Options of json: ISO-8601 times, plain decimals, null fields left out.
CREATE TABLE i (id BIGINT, d DECIMAL(20, 10), tm TIMESTAMP(3), lz TIMESTAMP_LTZ(3), tt TIME(0), m MAP<STRING, INT>) WITH ('connector' = 'kafka', 'topic' = 'json-options.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE o1 (id BIGINT, d DECIMAL(20, 10), tm TIMESTAMP(3), lz TIMESTAMP_LTZ(3), tt TIME(0), m MAP<STRING, INT>)
  WITH ('connector' = 'kafka', 'topic' = 'json-options.iso', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601', 'json.encode.decimal-as-plain-number' = 'true');
CREATE TABLE o2 (id BIGINT, d DECIMAL(20, 10), tm TIMESTAMP(3), lz TIMESTAMP_LTZ(3), tt TIME(0), m MAP<STRING, INT>)
  WITH ('connector' = 'kafka', 'topic' = 'json-options.sql', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'json.encode.ignore-null-fields' = 'true');
INSERT INTO o1 SELECT * FROM i;
INSERT INTO o2 SELECT * FROM i;
