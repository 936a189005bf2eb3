-- Startup mode timestamp without its time.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'topic' = 'x', 'format' = 'json', 'scan.startup.mode' = 'timestamp');
SELECT * FROM t;
