-- Records without a key, with an empty one, and one that does not parse, read through key.format json and raw.
CREATE TABLE i (k BIGINT, n INT) WITH ('connector' = 'kafka', 'topic' = 'key-missing.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'key.format' = 'json', 'key.fields' = 'k', 'key.json.ignore-parse-errors' = 'true', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TABLE r (k STRING, n INT) WITH ('connector' = 'kafka', 'topic' = 'key-missing.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'key.format' = 'raw', 'key.fields' = 'k', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TABLE o1 (k BIGINT, n INT) WITH ('connector' = 'kafka', 'topic' = 'key-missing.json', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
CREATE TABLE o2 (k STRING, n INT) WITH ('connector' = 'kafka', 'topic' = 'key-missing.raw', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o1 SELECT * FROM i;
INSERT INTO o2 SELECT * FROM r;
