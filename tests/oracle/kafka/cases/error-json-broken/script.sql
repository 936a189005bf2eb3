-- A value that is no JSON, without json.ignore-parse-errors.
CREATE TABLE i (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'error-json-broken.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'error-json-broken.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT * FROM i;
