-- An unknown startup mode.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'topic' = 'x', 'format' = 'json', 'scan.startup.mode' = 'first');
SELECT * FROM t;
