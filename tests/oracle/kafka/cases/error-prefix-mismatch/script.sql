-- A key field without the prefix.
CREATE TABLE t (a INT, b INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'key.format' = 'json', 'key.fields' = 'a', 'key.fields-prefix' = 'k_', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
SELECT * FROM t;
