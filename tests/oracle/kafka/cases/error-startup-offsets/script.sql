-- Startup mode specific-offsets without offsets.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'topic' = 'x', 'format' = 'json', 'scan.startup.mode' = 'specific-offsets');
SELECT * FROM t;
