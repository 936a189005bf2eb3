-- A sink of two topics without a column for the topic.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x;y', 'format' = 'json');
INSERT INTO t VALUES (1);
