-- An option that does not exist.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'format' = 'json', 'scan.start' = 'now');
SELECT * FROM t;
