-- Both topic and topic-pattern.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'topic-pattern' = 'y', 'format' = 'json');
SELECT * FROM t;
