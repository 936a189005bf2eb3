-- key.fields-prefix with value.fields-include ALL.
CREATE TABLE t (k_a INT, b INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'key.format' = 'json', 'key.fields' = 'k_a', 'key.fields-prefix' = 'k_', 'value.format' = 'json');
SELECT * FROM t;
