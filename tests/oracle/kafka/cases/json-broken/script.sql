-- Values that are no JSON, of another type, empty, or missing (a tombstone), with json.ignore-parse-errors.
CREATE TABLE i (id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'json-broken.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE o (id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'json-broken.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT * FROM i;
